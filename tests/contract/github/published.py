"""GitHub's published models, and what it means to keep to them."""

import json
from collections.abc import Iterator
from typing import Any

from githubkit.response import Response
from pydantic import TypeAdapter

_OF_A_LABEL = frozenset({"archived_at", "archived_by"})
"""GitHub's models of a label disagree over these two: some must have them, some do not know them."""


def hold_response(response: Response[Any, Any]) -> None:
    """The answer is what the published model of this very endpoint says."""
    if response.status_code == 204:
        assert response.content == b""
    else:
        hold(response.content, response._data_model)


def hold(content: bytes, model: Any, *, besides: frozenset[str] = frozenset()) -> None:
    """JSON parses strictly as the model, and has no field that GitHub does not publish.

    `besides` names fields that may be there all the same: those that an older version of the API still has.
    """
    adapter = TypeAdapter(model)
    parsed = adapter.validate_json(content, strict=True)
    published = adapter.dump_python(parsed, mode="json", by_alias=True, exclude_unset=True)
    invented = {
        path
        for path in _beyond(json.loads(content), published)
        if path.rsplit(".", 1)[-1] not in besides | _OF_A_LABEL
    }
    assert not invented, f"GitHub publishes no {sorted(invented)}"


def _beyond(told: Any, published: Any, path: str = "") -> Iterator[str]:
    """Paths that are told and not published."""
    if isinstance(told, dict) and isinstance(published, dict):
        for key, value in told.items():
            if key in published:
                yield from _beyond(value, published[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(told, list) and isinstance(published, list):
        for one, other in zip(told, published, strict=True):
            yield from _beyond(one, other, f"{path}[]")
