"""Small things that every object has."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import overload

from standins.github.state import Json, Reaction


def node_id(kind: str, number: int | str) -> str:
    return base64.b64encode(f"{len(kind):03}:{kind}{number}".encode()).decode()


@overload
def timestamp(moment: datetime) -> str: ...
@overload
def timestamp(moment: None) -> None: ...
@overload
def timestamp(moment: datetime | None) -> str | None: ...
def timestamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def reaction_rollup(url: str, reactions: list[Reaction]) -> Json:
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    contents = [reaction.content for reaction in reactions]
    return {"url": url, "total_count": len(contents), **{kind: contents.count(kind) for kind in kinds}}
