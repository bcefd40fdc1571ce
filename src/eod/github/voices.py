"""How lines are said: as workflow commands to the runner, or plainly to a terminal. Pure: both return lines."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from eod.github.commands import command, defused, lines_of, masks, paused


class Level(StrEnum):
    """Annotations, as GitHub names them."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Voice(Protocol):
    """Words for whoever reads the log."""

    def say(self, message: str) -> list[str]:
        """A message of ours that may quote others."""

    def debug(self, message: str) -> list[str]:
        """A message for whoever looks for a fault."""

    def annotate(self, level: Level, message: str, *, title: str, file: str, line: int) -> list[str]:
        """A message that stands out."""

    def open_group(self, title: str) -> list[str]:
        """What follows belongs together."""

    def close_group(self) -> list[str]:
        """The end of a group."""

    def quote(self, text: str) -> list[str]:
        """Somebody else's output, line by line, obeyed by nobody."""

    def mask(self, secret: str) -> list[str]:
        """Have a secret hidden from here on."""


class RunnerVoice:
    """Speaks to the GitHub runner.

    Args:
        make_token: Makes an unguessable word, fresh for every quotation.
    """

    def __init__(self, make_token: Callable[[], str]) -> None:
        self._make_token = make_token

    def say(self, message: str) -> list[str]:
        """Each line on its own, none of which the runner obeys."""
        return [defused(line) for line in lines_of(message)]

    def debug(self, message: str) -> list[str]:
        """Shown by the runner only when debug logging is on."""
        return [command("debug", message)]

    def annotate(self, level: Level, message: str, *, title: str, file: str, line: int) -> list[str]:
        """An annotation, at a place if there is one."""
        return [command(level, message, title=title, file=file, line=line)]

    def open_group(self, title: str) -> list[str]:
        """A fold in the log."""
        return [command("group", title)]

    def close_group(self) -> list[str]:
        """The end of the fold."""
        return [command("endgroup")]

    def quote(self, text: str) -> list[str]:
        """Commands are stopped while the text is printed."""
        return paused(text, self._make_token())

    def mask(self, secret: str) -> list[str]:
        """One mask for each line."""
        return masks(secret)


class PlainVoice:
    """Speaks to a person at a terminal.

    Args:
        style: Colours a word (`error`, `warning`, `notice`, `debug`, `title`); leaves it as it is without colours.
        verbose: Whether debug messages are shown.
    """

    def __init__(self, style: Callable[[str, str], str] = lambda text, _: text, *, verbose: bool = False) -> None:
        self._style = style
        self._verbose = verbose

    def say(self, message: str) -> list[str]:
        """Each line on its own, without control characters."""
        return [defused(line) for line in lines_of(message)]

    def debug(self, message: str) -> list[str]:
        """Grey, and only on demand."""
        return [self._style(line, "debug") for line in self.say(message)] if self._verbose else []

    def annotate(self, level: Level, message: str, *, title: str, file: str, line: int) -> list[str]:
        """`error: title: message`, with the place behind it."""
        place = f" ({file}:{line})" if file and line else f" ({file})" if file else ""
        first, *rest = self.say(f"{title}: {message}{place}" if title else f"{message}{place}")
        return [f"{self._style(f'{level}:', level)} {first}", *rest]

    def open_group(self, title: str) -> list[str]:
        """A heading."""
        return [self._style(line, "title") for line in self.say(title)]

    def close_group(self) -> list[str]:
        """Nothing."""
        return []

    def quote(self, text: str) -> list[str]:
        """Indented."""
        return [f"  {line}" for line in self.say(text)]

    def mask(self, _secret: str) -> list[str]:
        """Nothing: a terminal hides nothing, but `Runner` does."""
        return []
