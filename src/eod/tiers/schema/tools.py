"""Which migration tool a file belongs to, by its path and what it holds."""

from functools import cache
from typing import NamedTuple

from eod.tiers.file import ChangedFile
from eod.tiers.schema.globs import Globs
from eod.tiers.schema.knowledge import ToolData, found, knowledge


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
    return next((tool.data for tool in _tools() for path in file.paths if _owns(tool, path, file)), None)


def _owns(tool: Tool, path: str, file: ChangedFile) -> bool:
    if tool.data.paths and tool.paths.match(path):
        return True
    if not file.readable:
        return tool.named_places.match(path)
    if not tool.data.markers or not tool.places.match(path):
        return False
    return any(text and found(tool.data.markers, text) is not None for text in (file.new_text, file.old_text))


@cache
def _tools() -> tuple[Tool, ...]:
    return tuple(
        Tool(
            each, Globs(each.paths), Globs(each.places), Globs(place for place in each.places if place[:2] != "*.")
        )
        for each in knowledge().tools
    )
