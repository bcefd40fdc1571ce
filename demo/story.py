"""The story: #121 expires, #122 is pushed to and merged, #123 is closed, and none of them waits for another."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from demo.actrun import Acts, StoppedError, Trigger
from demo.cast import Part
from demo.stage import Stage
from demo.takes import Take, take
from demo.watch import Watch

_EXPIRES = 121
_NOD_SECONDS = 0.2


class Story:
    """Plays the parts; what happened is in `takes` afterwards, and what went wrong in `troubles`."""

    def __init__(self, stage: Stage, acts: Acts, watch: Watch) -> None:
        self.takes: list[Take] = []
        self.troubles: list[str] = []
        self._stage = stage
        self._repository = stage.repository
        self._acts = acts
        self._watch = watch
        self._swept = threading.Event()

    def play(self, parts: tuple[Part, ...]) -> None:
        """Play all parts side by side, to their ends.

        Raises:
            StoppedError: Somebody stopped the demo.
        """
        if _EXPIRES not in {part.number for part in parts}:
            self._swept.set()
        with self._watch.following({part.number: part.title for part in parts}), ThreadPoolExecutor() as pool:
            playing = [pool.submit(self._play, part) for part in parts]
            try:
                for ended in playing:
                    ended.result()
            except BaseException:
                self._acts.stop()  # or the pool would wait for the story's end
                raise

    def _play(self, part: Part) -> None:
        end = self._expire if part.number == _EXPIRES else self._close
        try:
            self._open(part)
            for again in range(1, len(part.pushes())):
                self._push(part, again)
            end(part)
        except _MissedError as missed:
            self._watch.move(part.number, "failed", f"✗ {missed}", moving=False)
            self.troubles.append(str(missed))
        finally:
            if part.number == _EXPIRES:
                self._swept.set()

    def _open(self, part: Part) -> None:
        self._watch.move(part.number, "provisioning", f"{part.author} opens “{part.title}”")
        self._repository.push(
            part.branch, part.pushes()[0], message=part.messages[0], author=part.author, base="main"
        )
        self._repository.open_pull(
            part.branch, title=part.title, body=part.body, author=part.author, number=part.number
        )
        self._pull_request_run(part, "opened", "preview.yml")
        self._watch.move(part.number, "ready", moving=False)

    def _push(self, part: Part, again: int) -> None:
        message = part.messages[again]
        self._watch.move(part.number, "updating", f"{part.author} pushes “{message}”")
        self._repository.push(part.branch, part.pushes()[again], message=message, author=part.author)
        self._pull_request_run(part, "synchronize", "preview.yml")
        self._watch.move(part.number, "ready", moving=False)

    def _close(self, part: Part) -> None:
        self._wait(self._swept.is_set)
        verb = "merges" if part.merged else "closes"
        self._watch.move(part.number, "tearing down", f"{part.author} {verb} the pull request")
        self._repository.close(part.number, merged=part.merged, author=part.author)
        self._pull_request_run(part, "closed", "on-close.yml")
        self._watch.move(part.number, "gone", moving=False)

    def _expire(self, part: Part) -> None:
        """Nobody does anything about #121 until its time is over; then the schedule's sweep comes by."""
        told = self.takes_of(part.number)[-1].run.outputs.get("expires-at", "")
        expires = datetime.fromisoformat(told)
        self._watch.move(part.number, "expiring", f"nobody does anything about it; its time is over at {told}")
        self._wait(lambda: datetime.now(UTC) > expires)
        self._watch.move(part.number, "sweeping", "its time is over; the hourly sweep begins")
        trigger = Trigger(
            name="sweep",
            workflow="sweep.yml",
            event="schedule",
            payload=self._repository.schedule_payload("17 * * * *"),
        )
        self._run(part, trigger)
        self._watch.move(part.number, "gone", moving=False)

    def _pull_request_run(self, part: Part, action: str, workflow: str) -> None:
        """The run that GitHub starts for what was just done."""
        event = self._stage.github.events("pull_request", part.number)[-1]
        if event.action != action or not event.starts_workflows:
            raise _MissedError(f"#{part.number}: GitHub started no run for `{action}`")
        name = {"synchronize": "pushed"}.get(action, action)
        trigger = Trigger(
            name=f"{part.number}-{name}",
            workflow=workflow,
            event="pull_request",
            payload=event.payload,
            number=part.number,
            actor=part.author,
        )
        self._run(part, trigger)

    def _run(self, part: Part, trigger: Trigger) -> None:
        began = self._watch.seconds
        run = self._acts.run(trigger, lambda line: self._watch.hear(part.number, line))
        self.takes.append(take(self._stage, run, part.number, began=began, ended=self._watch.seconds))
        if run.code:
            raise _MissedError(
                f"#{part.number}: the run {trigger.name} failed; its log is in logs/{trigger.name}.log"
            )

    def takes_of(self, number: int) -> list[Take]:
        """What happened to one pull request so far."""
        return [one for one in self.takes if one.number == number]

    def _wait(self, over: Callable[[], bool]) -> None:
        while not over():
            if self._acts.stopped.wait(_NOD_SECONDS):
                raise StoppedError


class _MissedError(Exception):
    """A part cannot go on."""
