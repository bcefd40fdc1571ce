"""Records as YAML: for people, for an ApplicationSet's git generator, and for us to read back exactly.

Keys stand in the order of the struct; what has its default value is left out, but for the schema's version.
"""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import yaml

from eod.config.problems import Problem, raise_for
from eod.config.shape import shape
from eod.config.yamltree import Node, parse, reads_as_text
from eod.errors import RecordError
from eod.model.record import SCHEMA_VERSION, Record

_WIDTH: Final = 115
_HEAD: Final = (
    "# Written by eod-action; every change is a commit. Do not edit: the next transition reads it back.\n"
)
_FIX: Final = "Repair the file on the records branch: its history holds every earlier version."


def dump(record: Record) -> str:
    """`record` as YAML text; the same record always gives the same text. Times are ISO 8601 in UTC."""
    data = {"schema": record.schema, **msgspec.to_builtins(record, enc_hook=str, builtin_types=(datetime,))}
    text = yaml.dump(_in_utc(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return _HEAD + str(text)


def load(text: str, source: str) -> Record:
    """The record that `text` holds.

    Args:
        text: The file's content.
        source: The file, for messages.

    Raises:
        RecordError: The file is damaged, or a newer version of the action wrote it; with file and line.
    """
    tree, problems = parse(text)
    if tree is None or not isinstance(tree.value, dict):
        nothing = [Problem(line=1, what="A record was expected here, but there is none.")]
        raise_for(problems or nothing, source, RecordError, fix=_FIX)
        raise AssertionError(source)  # `raise_for` has raised
    _refuse_newer(tree, source)
    shaped = shape(tree, Record)
    raise_for([*problems, *shaped.problems], source, RecordError, fix=_FIX)
    try:
        return msgspec.convert(shaped.value, Record)
    except msgspec.ValidationError as error:
        raise RecordError(f"The record cannot be read: {error}.", fix=_FIX, where=f"{source}:1") from error


def _refuse_newer(tree: Node, source: str) -> None:
    entry = tree.value.get("schema") if isinstance(tree.value, dict) else None
    version = None if entry is None else entry.node.value
    if entry is not None and isinstance(version, int) and version > SCHEMA_VERSION:
        raise RecordError(
            f"This record has schema {version}; this version of the action knows schemas up to {SCHEMA_VERSION}.",
            why="A newer version of eod-action wrote it.",
            fix="Use the same version of eod-action in every workflow of this repository.",
            where=f"{source}:{entry.line}",
        )


class _Dumper(yaml.SafeDumper):
    """SafeDumper that quotes every text which our reader, or any other, would not read as a text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the library's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if not text.isprintable():
        # Between single quotes some line breaks would come back as spaces.
        style: str | None = '"'
    else:
        style = None if reads_as_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _in_utc(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {key: _in_utc(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_in_utc(item) for item in value]
    return value
