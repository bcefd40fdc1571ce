"""`schema/eod.schema.json`: the configuration's JSON Schema, for editors."""

import json
from typing import Any

import msgspec

from eod.config import Config
from eod.config.schema.values import QUANTITY_PATTERN
from eod.model.tier import Tier

_ID = "https://raw.githubusercontent.com/neo01/eod-action/main/schema/eod.schema.json"


def json_schema() -> dict[str, Any]:
    """The schema as plain data."""
    generated = msgspec.json.schema(Config, schema_hook=lambda _: {"description": "Any value."})
    definitions: dict[str, Any] = generated["$defs"]
    root = definitions.pop("Config")
    for definition in (root, *definitions.values()):
        for field in definition.get("properties", {}).values():
            _clean(field)
    heavier = [str(tier) for tier in Tier if tier is not Tier.NONE]
    root["properties"]["tiers"]["propertyNames"] = {"enum": heavier}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _ID,
        **root,
        "title": ".github/eod.yml of eod-action",
        "$defs": definitions,
    }


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _clean(field: dict[str, Any]) -> None:
    """A section's own keys tell its defaults; a quantity may be written as a number."""
    if "$ref" in field or field.get("default", 0) is None:
        field.pop("default", None)
    if field.get("pattern") == QUANTITY_PATTERN:
        field["type"] = ["string", "number"]
