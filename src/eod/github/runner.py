"""The runner's side of a run: log, annotations, masks, outputs and the job summary.

Limits: a job summary holds 1 MiB a step; more is dropped whole, with an error
(https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from eod.github.commands import SHORTEST_SECRET, lines_of, storable
from eod.github.voices import Level, Voice

SUMMARY_BYTES = 1024 * 1024


class Runner:
    """Says things, safely from any thread: nothing gets between the lines of one message or quotation.

    Args:
        voice: How lines are said.
        write: Takes one line, without its end.
        output_file: `GITHUB_OUTPUT`, if there is one.
        summary_file: `GITHUB_STEP_SUMMARY`, if there is one.
    """

    def __init__(
        self,
        voice: Voice,
        write: Callable[[str], None],
        *,
        output_file: Path | None = None,
        summary_file: Path | None = None,
    ) -> None:
        self._voice = voice
        self._write = write
        self._output_file = output_file
        self._summary_file = summary_file
        self._lock = threading.RLock()
        self._secrets: list[str] = []

    def say(self, message: str) -> None:
        """A line, or several, in the log."""
        self._put(self._voice.say(message))

    def debug(self, message: str) -> None:
        """A line for whoever looks for a fault."""
        self._put(self._voice.debug(message))

    def error(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """An annotation: this failed."""
        self._annotate(Level.ERROR, message, title, file, line)

    def warning(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """An annotation: this needs attention."""
        self._annotate(Level.WARNING, message, title, file, line)

    def notice(self, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """An annotation: this is good to know."""
        self._annotate(Level.NOTICE, message, title, file, line)

    def quote(self, text: str) -> None:
        """Somebody else's output: Terraform's, say, into which the author of a pull request can print."""
        self._put(self._voice.quote(text))

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """A fold in the log. GitHub's folds do not nest."""
        self._put(self._voice.open_group(title))
        try:
            yield
        finally:
            self._put(self._voice.close_group())

    def fold(self, title: str, text: str) -> None:
        """Somebody else's output in a fold of its own; no other thread's line gets into it."""
        with self._lock, self.group(title):
            self.quote(text)

    def mask(self, secret: str) -> None:
        """Hide a secret from here on: the runner does in all that the job prints, we do in what we print."""
        with self._lock:
            known = [line.strip() for line in lines_of(secret) if len(line.strip()) >= SHORTEST_SECRET]
            self._secrets = sorted({*self._secrets, *known}, key=len, reverse=True)
            for line in self._voice.mask(secret):
                self._write(line)

    def set_outputs(self, outputs: Mapping[str, str]) -> None:
        """Outputs of the step; an output set again replaces the earlier one. Nothing outside a workflow."""
        from actions_toolkit.file_command import prepare_key_value_message

        if self._output_file is None:
            return
        blocks = (prepare_key_value_message(name, self._hide(storable(value))) for name, value in outputs.items())
        self._append(self._output_file, "".join(f"{block}\n" for block in blocks))

    @property
    def summary_room(self) -> int:
        """Bytes that the job summary still takes; 0 where there is none."""
        if self._summary_file is None:
            return 0
        used = self._summary_file.stat().st_size if self._summary_file.exists() else 0
        return max(SUMMARY_BYTES - used, 0)

    def add_summary(self, markdown: str) -> None:
        """Add to the job summary, if it fits: a file over the limit would be dropped whole."""
        if self._summary_file is None:
            return
        text = self._hide(storable(markdown)).rstrip("\n") + "\n\n"
        with self._lock:
            if len(text.encode()) > self.summary_room:
                self.warning("The job summary is full: its newest part was left out.")
                return
            self._append(self._summary_file, text)

    def _annotate(self, level: Level, message: str, title: str, file: str, line: int) -> None:
        hidden = self._hide(message)
        self._put(self._voice.annotate(level, hidden, title=self._hide(title), file=file, line=line))

    def _put(self, lines: Iterable[str]) -> None:
        with self._lock:
            for line in lines:
                self._write(self._hide(line))

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _append(self, path: Path, text: str) -> None:
        with self._lock, path.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
