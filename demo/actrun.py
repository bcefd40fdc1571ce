"""Runs workflows with act, each as a runner would: a clone of its own, a token of its own, the event on disk."""

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from demo import shop
from demo.actlog import Heard
from demo.errors import CannotPlayError
from demo.stage import Stage

_LEASH = Path(__file__).with_name("leash.py")
_END_SECONDS = 10


class Trigger(Struct, frozen=True, kw_only=True):
    """What starts a workflow.

    Attributes:
        name: What this run is called in logs and files: `122-pushed`.
        workflow: The workflow's file: `preview.yml`.
        event: GitHub's name of the event.
        payload: What GitHub tells with it.
        number: The pull request, if it is about one.
        actor: Who caused it.
    """

    name: str
    workflow: str
    event: str
    payload: dict[str, Any]
    number: int | None = None
    actor: str = shop.OWNER


class Run(Struct, frozen=True, kw_only=True):
    """What a run left: its exit code, its outputs and summary as GitHub would keep them, and its log."""

    trigger: Trigger
    code: int
    seconds: float
    outputs: dict[str, str]
    summary: str
    log: tuple[str, ...]


class StoppedError(Exception):
    """The demo is being stopped."""


class Acts:
    """Runs workflows on the stage, from any thread, until it is stopped."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._program = _find_act()
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self.stopped = threading.Event()

    def run(self, trigger: Trigger, tell: Callable[[str], None]) -> Run:
        """Run a workflow to its end.

        Args:
            trigger: What starts it.
            tell: Is told each line that the job prints, as it comes.

        Raises:
            StoppedError: `stop` was called.
        """
        started = time.monotonic()
        repository = self._stage.repository
        path = f".github/workflows/{trigger.workflow}"
        run_id = repository.start_run(trigger.event, number=trigger.number, workflow=path, author=trigger.actor)
        folder = self._stage.scratch / "runs" / trigger.name
        folder.mkdir(parents=True)
        heard = Heard(tell)
        with self._started(self._command(trigger, folder, run_id), folder) as process:
            for line in process.stdout or ():
                heard.line(line)
            code = process.wait()
        if self.stopped.is_set():
            raise StoppedError
        repository.finish_run(run_id, "success" if code == 0 else "failure")
        shutil.rmtree(folder, ignore_errors=True)
        return Run(
            trigger=trigger,
            code=code,
            seconds=time.monotonic() - started,
            outputs=heard.outputs,
            summary=heard.summary,
            log=tuple(heard.log),
        )

    def stop(self) -> None:
        """End all runs at once; no further one can be started."""
        with self._lock:
            self.stopped.set()
            running = set(self._running)
        for process in running:
            process.send_signal(signal.SIGTERM)

    @contextlib.contextmanager
    def _started(self, command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
        """The run as a process on a leash: when this process is gone, so is all of it."""
        with self._lock:
            if self.stopped.is_set():
                raise StoppedError
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LEASH), *command],
                cwd=self._stage.clone,
                env={**self._stage.environment, "XDG_CACHE_HOME": str(folder / "cache")},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        try:
            with process:
                yield process
        finally:
            with self._lock:
                self._running.discard(process)

    def _command(self, trigger: Trigger, folder: Path, run_id: int) -> list[str]:
        repository = self._stage.repository
        event = folder / "event.json"
        event.write_text(json.dumps(trigger.payload), "utf-8")
        secrets = folder / "secrets"
        secrets.touch(mode=0o600)
        token = self._stage.github.installation_token(repository, self._permissions(trigger.workflow))
        secrets.write_text(f"GITHUB_TOKEN={token}\n", "utf-8")
        told = repository.runner_environment(trigger.event, trigger.payload, run_id=run_id)
        return [
            self._program,
            trigger.event,
            "--json",
            "--no-cache-server",
            "--no-skip-checkout",
            f"--workflows=.github/workflows/{trigger.workflow}",
            f"--eventpath={event}",
            f"--secret-file={secrets}",
            f"--actor={trigger.actor}",
            "--platform=ubuntu-latest=-self-hosted",
            *self._stage.actions.arguments(),
            *(f"--env={name}={value}" for name, value in sorted(told.items())),
        ]

    def _permissions(self, workflow: str) -> dict[str, str]:
        """What the workflow asks for its token, and no more: a permission that it forgets is missed here too."""
        text = (self._stage.clone / ".github/workflows" / workflow).read_text("utf-8")
        (job,) = yaml.safe_load(text)["jobs"].values()
        asked = {name.replace("-", "_"): level for name, level in job["permissions"].items()}
        return {name: level for name, level in asked.items() if name != "id_token"} | {"metadata": "read"}


def _find_act() -> str:
    beside = Path(sys.executable).with_name("act")
    found = str(beside) if beside.exists() else shutil.which("act")
    if found is None:
        raise CannotPlayError("act is not installed. Run `make install`, which brings it along.")
    return found
