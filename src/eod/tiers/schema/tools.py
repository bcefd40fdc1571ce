"""Which migration tool a file belongs to, by its path and what it holds."""

from functools import cache
from typing import NamedTuple

from eod.data.globs import Globs
from eod.tiers.file import ChangedFile
from eod.tiers.schema.knowledge import ToolData, found, hinted, knowledge


class Tool(NamedTuple):
    """A tool with its patterns ready to be asked."""

    data: ToolData
    paths: Globs
    places: Globs
    named_places: Globs


def tool_of(file: ChangedFile) -> ToolData | None:
    """The tool that `file` belongs to, at the place where it is or at the one where it was.

    Where its content is not known, a place that is named after the tool is enough.
    """
    texts = (file.new_text, file.old_text) if file.readable else None
    return next((tool.data for tool in _tools() for path in file.paths if _owns(tool, path, texts)), None)


def _owns(tool: Tool, path: str, texts: tuple[str, ...] | None) -> bool:
    known = tool.data
    if known.paths and tool.paths.match(path):
        return True
    if texts is None:
        return tool.named_places.match(path)
    if not known.markers or not any(text and hinted(known.hints, text) for text in texts):
        return False
    return tool.places.match(path) and any(text and found(known.markers, text) is not None for text in texts)


@cache
def _tools() -> tuple[Tool, ...]:
    return tuple(
        Tool(
            each, Globs(each.paths), Globs(each.places), Globs(place for place in each.places if place[:2] != "*.")
        )
        for each in knowledge().tools
    )
