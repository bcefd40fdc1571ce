"""One environment's binary, directory and variables together: runs single commands and reads what they print."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from eod.errors import TerraformError
from eod.interrupts import Interrupts
from eod.model.plan import ResourceProgress
from eod.terraform.clock import Clock
from eod.terraform.engine import Engine, with_early_variables
from eod.terraform.problems import AttemptFailedError, cancelled, failure, lock_failure
from eod.terraform.process import Command, Ended, Launcher
from eod.terraform.sensitive import KnownSecrets
from eod.terraform.settings import Settings
from eod.terraform.transcript import Account, Transcript
from eod.terraform.workplace import Workplace

OnProgress = Callable[[ResourceProgress], None]
Say = Callable[[str], None]

QUICK_SECONDS: Final = 600.0
"""For commands that neither plan nor change anything."""


class Session(Struct, frozen=True, kw_only=True):
    """Everything that a command of one environment needs."""

    environment: str
    root: Path
    directory: str
    engine: Engine
    environ: dict[str, str]
    tags: dict[str, str]
    interrupts: Interrupts
    place: Workplace
    launcher: Launcher
    settings: Settings
    clock: Clock
    say: Say
    key: bytes
    """This run's secret, for digests of values."""
    secrets: KnownSecrets
    """What plans and states mark as sensitive, from when it is known hidden in all that is said."""
    machine: str = ""
    """The mark of this machine, see `eod.model.lock`."""
    fresh: bool = False
    """Nothing was ever made with this state: a plan that is killed need not leave a lock that nobody knows of."""

    def impatient(self) -> "Session":
        """The same, which waits for no lock."""
        return structs.replace(self, settings=structs.replace(self.settings, lock_timeout_seconds=0))

    def stream(
        self,
        operation: str,
        arguments: Sequence[str],
        *,
        seconds: float,
        on_progress: OnProgress | None = None,
        held: tuple[int, ...] = (),
    ) -> tuple[Account, Ended]:
        """Run a command that prints a `-json` stream, to its end. It inherits the open files `held`.

        Raises:
            CancelledError: The run was cancelled or asked to stop meanwhile.
            TerraformError: The stream is of a version that we do not know, or the time ran out.
        """
        transcript = Transcript()

        def on_line(line: bytes) -> None:
            progress = transcript.feed(line)
            if progress is not None and on_progress is not None:
                on_progress(progress)

        ended = self.launcher.run(self._command(operation, arguments, seconds, held), on_line)
        account = transcript.account()
        self._check(operation, account, ended, seconds)
        return account, ended

    def capture(
        self, operation: str, arguments: Sequence[str], *, seconds: float = QUICK_SECONDS
    ) -> tuple[bytes, Ended]:
        """Run a quick command and take all that it prints; the private file that held it is gone afterwards.

        A plan or a state is one line of any length, which `stream` would cut.

        Raises:
            CancelledError: The run was cancelled or asked to stop meanwhile.
            TerraformError: The time ran out.
        """
        try:
            ended = self.launcher.run(self._command(operation, arguments, seconds), lambda _line: None)
            self._check(operation, Account(), ended, seconds)
            return self.place.stream.read_bytes(), ended
        finally:
            self.place.stream.unlink(missing_ok=True)

    def failed(
        self, kind: type[TerraformError], what: str, account: Account, ended: Ended, operation: str
    ) -> AttemptFailedError:
        """The failure of a command; a lock that somebody holds becomes `StateLockedError`.

        Whatever failed, the next command begins with an `init`. What a provider quotes of secrets is taken out
        here: not every way that an error goes leads through a report.
        """
        self.place.initialised.unlink(missing_ok=True)
        waited = self.settings.lock_timeout_seconds
        locked = lock_failure(account, waited_seconds=waited, program=self.engine.command)
        if locked is not None:
            return locked
        # First of all: what is made of it (a pattern, cut and escaped) could not be searched for whole values.
        failed = failure(
            kind,
            self.secrets.clean(what),
            self._cleaned(account),
            structs.replace(ended, complaints=self.secrets.clean(ended.complaints)),
            operation=operation,
            directory=self.directory,
            extra=self.settings.faults,
        )
        error = failed.error
        error.why, error.fix = self.secrets.clean(error.why), self.secrets.clean(error.fix)
        error.detail = self.secrets.clean(error.detail)
        return failed

    def _cleaned(self, account: Account) -> Account:
        clean = self.secrets.clean
        errors = tuple(
            structs.replace(one, summary=clean(one.summary), detail=clean(one.detail)) for one in account.errors
        )
        return structs.replace(account, errors=errors, noise=tuple(map(clean, account.noise)))

    def _command(
        self, operation: str, arguments: Sequence[str], seconds: float, held: tuple[int, ...] = ()
    ) -> Command:
        return Command(
            operation=operation,
            arguments=with_early_variables(arguments, self.place.variables, tofu=self.engine.is_tofu),
            root=self.root,
            environ=self.environ,
            timeout_seconds=seconds,
            held=held,
        )

    def _check(self, operation: str, account: Account, ended: Ended, seconds: float) -> None:
        if self.launcher.stopped:
            raise cancelled(operation, account, still_running=ended.returncode is None)
        if ended.timed_out:
            raise TerraformError(
                f"Terraform {operation} was stopped after {seconds / 60:.0f} minutes: {account.line}.",
                why="It took longer than `terraform.timeout-minutes` allows, and was ended gracefully.",
                fix="Raise that limit, or look at what was still running; re-running the job goes on from there.",
                detail="\n".join(f"interrupted: {address}" for address in (*account.failed, *account.running)),
            )
        if account.version is not None and not account.version.supported:
            raise TerraformError(
                f"Terraform's stream has version {account.version.ui}, which is not known.",
                why="This Terraform is newer than this version of eod.",
                fix="Update the action, or pin an older Terraform.",
            )
