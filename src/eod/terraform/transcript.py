"""What a stream of events adds up to: counts, what runs, what failed and why."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from eod.data.kinds import kind_of
from eod.model.outputs import Outputs
from eod.model.plan import ResourceProgress
from eod.terraform.events import (
    Completed,
    Diagnosed,
    Diagnostic,
    Errored,
    Hook,
    Locking,
    Logged,
    Noise,
    Progressed,
    Started,
    Summarised,
    Version,
    Yielded,
    decode,
)
from eod.terraform.outputs import outputs_of

NOISE_LINES: Final = 200
"""How many lines that are no events are kept."""


class Account(Struct, frozen=True, kw_only=True):
    """What a plan, apply or destroy did, counted from its own stream.

    A failed apply prints no summary, so nothing here comes from one. `finished` says that Terraform itself
    reported the end of an apply; `running` is what was begun and neither completed nor failed: lost, if Terraform
    is gone. `outputs` is `None` where none were told.
    """

    version: Version | None = None
    added: int = 0
    changed: int = 0
    destroyed: int = 0
    completed: tuple[str, ...] = ()
    created_types: frozenset[str] = frozenset()
    running: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    outputs: Outputs | None = None
    finished: bool = False
    interrupted: bool = False
    waited_for_lock: bool = False
    noise: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """One line for a log."""
        return f"{self.added} added, {self.changed} changed, {self.destroyed} destroyed"


class Transcript:
    """Takes a stream line by line."""

    def __init__(self) -> None:
        self._version: Version | None = None
        self._counts = {"create": 0, "update": 0, "delete": 0}
        self._completed: list[str] = []
        self._created_types: set[str] = set()
        self._running: dict[str, Hook] = {}
        self._failed: dict[str, Hook] = {}
        self._errors: list[Diagnostic] = []
        self._warnings: list[Diagnostic] = []
        self._outputs: Outputs | None = None
        self._finished = False
        self._interrupted = False
        self._waited = False
        self._noise: list[str] = []

    def feed(self, line: bytes) -> ResourceProgress | None:
        """Take one line; what it says of one resource, if it does."""
        event = decode(line)
        match event:
            case Started() | Progressed() | Completed() | Errored():
                return self._resource(event)
            case Diagnosed():
                return self._diagnostic(event.diagnostic)
            case Version():
                self._version = event
            case Summarised():
                self._finished = self._finished or event.changes.operation in {"apply", "destroy"}
            case Yielded():
                self._outputs = outputs_of(event.outputs)
            case Locking():
                self._waited = True
            case Logged():
                self._interrupted = self._interrupted or "Interrupt received" in event.message
            case Noise() if len(self._noise) < NOISE_LINES:
                self._noise.append(event.text)
            case _:
                pass
        return None

    def account(self) -> Account:
        """What it adds up to so far."""
        return Account(
            version=self._version,
            added=self._counts["create"],
            changed=self._counts["update"],
            destroyed=self._counts["delete"],
            completed=tuple(self._completed),
            created_types=frozenset(self._created_types),
            running=tuple(self._running),
            failed=tuple(self._failed),
            errors=tuple(self._errors),
            warnings=tuple(self._warnings),
            outputs=self._outputs,
            finished=self._finished,
            interrupted=self._interrupted,
            waited_for_lock=self._waited,
            noise=tuple(self._noise),
        )

    def _resource(self, event: Started | Progressed | Completed | Errored) -> ResourceProgress:
        hook = event.hook
        address = hook.resource.addr
        match event:
            case Started() | Progressed():
                self._running[address] = hook
                state = "started" if isinstance(event, Started) else "progress"
            case Completed():
                self._running.pop(address, None)
                self._complete(hook)
                state = "complete"
            case Errored():
                self._running.pop(address, None)
                self._failed[address] = hook
                state = "errored"
        return _progress(hook, state)

    def _complete(self, hook: Hook) -> None:
        if hook.action not in self._counts:
            return
        self._counts[hook.action] += 1
        self._completed.append(hook.resource.addr)
        if hook.action == "create":
            self._created_types.add(hook.resource.resource_type)

    def _diagnostic(self, diagnostic: Diagnostic) -> ResourceProgress | None:
        if diagnostic.severity != "error":
            self._warnings.append(diagnostic)
            return None
        self._errors.append(diagnostic)
        hook = self._failed.get(diagnostic.address)
        return None if hook is None else _progress(hook, "errored", diagnostic.text)


def transcribe(lines: Iterable[bytes]) -> Account:
    """The account of a whole stream."""
    transcript = Transcript()
    for line in lines:
        transcript.feed(line)
    return transcript.account()


def _progress(hook: Hook, state: str, message: str = "") -> ResourceProgress:
    resource_type = hook.resource.resource_type
    return ResourceProgress(
        address=hook.resource.addr,
        type=resource_type,
        kind=kind_of(resource_type).name,
        action=hook.action,
        state=state,
        elapsed_seconds=hook.elapsed_seconds,
        message=message,
    )
