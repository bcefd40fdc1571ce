"""What act says, a JSON object a line, read as GitHub's own log would show it."""

import json
from collections.abc import Callable
from typing import Any

_ANNOTATIONS = {"notice", "warning", "error"}
_OUTER = 1  # a step of the workflow itself; steps within the action have longer paths


class Heard:
    """Takes act's lines; keeps the job's log, and the summary and the outputs of the workflow's steps.

    Args:
        tell: Is told each line that the job printed.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.log: list[str] = []
        self.outputs: dict[str, str] = {}
        self._summaries: list[str] = []

    @property
    def summary(self) -> str:
        """The job summary: what all steps wrote."""
        return "\n".join(self._summaries)

    def line(self, line: str) -> None:
        """Take note of one line."""
        try:
            said = json.loads(line)
        except ValueError:
            self.log.append(line.rstrip("\n"))
            return
        if isinstance(said, dict):
            self._note(said)

    def _note(self, said: dict[str, Any]) -> None:
        command, outer = said.get("command"), len(said.get("stepID") or ()) == _OUTER
        text = str(said.get("msg", "")).rstrip("\n")
        if said.get("raw_output"):
            self._say(text)
        elif command in _ANNOTATIONS:
            self._say(f"{command}: {said.get('arg', '')}")
        elif command == "group":
            self.log.append(f"▸ {said.get('arg', '')}")
        elif command == "summary" and said.get("content") not in self._summaries:
            self._summaries.append(str(said.get("content", "")))  # act tells it for the step and for what holds it
        elif command == "set-output" and outer:
            self.outputs[str(said.get("name"))] = str(said.get("arg", ""))
        elif said.get("level") == "error" or (outer and said.get("stage") == "Main" and "⭐ Run" in text):
            self.log.append(text)

    def _say(self, text: str) -> None:
        for line in text.splitlines():
            self.log.append(line)
            self._tell(line)
