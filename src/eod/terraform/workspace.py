"""One root module, bound to one environment's state: plan, apply, destroy."""

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from eod.errors import ApplyFailedError, TerraformError, UnapprovedChangeError
from eod.model.plan import ApplyResult, Plan, ResourceProgress
from eod.terraform.applying import apply_once, destroy_once
from eod.terraform.binding import beyond, digest_of
from eod.terraform.fingerprints import beyond_approved
from eod.terraform.init import initialise
from eod.terraform.planning import content_of, make_plan
from eod.terraform.recovery import damaged_state, push_unsaved, wait_for_earlier
from eod.terraform.retry import Attempt, Budget, Persistence
from eod.terraform.session import OnProgress, Session
from eod.terraform.transcript import Account
from eod.terraform.workplace import write_private

T = TypeVar("T")


class Binding(Struct, frozen=True, kw_only=True):
    """What binds a workspace to its environment. `implicit` says that the module has no backend block.

    `required` are variables without a default: a destroy that knows no value for one passes null.
    """

    commit: str
    backend: dict[str, str]
    variables: dict[str, object]
    implicit: bool = False
    required: frozenset[str] = frozenset()


class EnvironmentWorkspace:
    """Satisfies `eod.lifecycle.ports.Workspace`. One at a time; each call may run in any thread."""

    def __init__(self, session: Session, binding: Binding) -> None:
        self._session = session
        self._binding = binding
        self._budget = Budget(session.settings.retries)

    def interrupt(self) -> None:
        """Ask the running Terraform once to end gracefully; begin nothing new afterwards."""
        self._session.launcher.stop()

    def check(self) -> None:
        """Init against the backend, as every other call does first; changes nothing.

        Raises:
            TerraformError: Providers, modules or the backend cannot be had.
        """
        self._initialise()

    def plan(self) -> Plan:
        """Init and plan to a private file.

        Raises:
            PlanFailedError: With file and line of what is wrong.
            StateLockedError: Somebody else works on this environment.
            TerraformError: Init failed, or an earlier run's state cannot be saved.
            CancelledError: The run was cancelled.
        """
        self._initialise()
        return self._persist().run(self._plan_once)

    def apply(self, plan: Plan, on_progress: OnProgress) -> ApplyResult:
        """Apply exactly that plan. What may pass is tried again, with a new plan that stays within this one.

        Raises:
            ApplyFailedError: It failed; what was done is in the state.
            UnapprovedChangeError: Another try would do more than was approved; nothing more was done.
            StateLockedError: Somebody else works on this environment.
            CancelledError: The run was cancelled; says what was completed.
        """
        self._refuse_other(plan)
        tally = _Tally(self._session.clock.monotonic)

        def once(attempt: Attempt) -> Account:
            current = plan if attempt.number == 1 else self._replan(attempt, plan)
            return apply_once(self._session, attempt, current.path, tally.watch(on_progress))

        persistence = self._persist()
        account = persistence.run(once)
        return tally.result(account, persistence)

    def destroy(self, on_progress: OnProgress) -> ApplyResult:
        """Init and destroy everything in the state; an empty or missing state is a success.

        Raises:
            ApplyFailedError: It failed; what was destroyed is out of the state.
            StateDamagedError: What the state held can only be found by its tags.
            StateLockedError: Somebody else works on this environment.
            CancelledError: The run was cancelled; says what was completed.
        """
        unknown = dict.fromkeys(self._binding.required - self._binding.variables.keys())
        try:
            return self._destroy({**unknown, **self._binding.variables}, on_progress)
        except TerraformError as error:
            raise (damaged_state(error) or error) from None

    def _destroy(self, variables: dict[str, object], on_progress: OnProgress) -> ApplyResult:
        self._initialise(variables)
        if self._state_is_empty():
            self._session.say("The state is empty: there is nothing to destroy.")
            return ApplyResult()
        tally = _Tally(self._session.clock.monotonic)

        def once(attempt: Attempt) -> Account:
            return destroy_once(self._session, attempt, tally.watch(on_progress))

        persistence = self._persist()
        account = persistence.run(once)
        if not self._state_is_empty():
            raise ApplyFailedError(
                "Terraform destroyed what it could, and its state is still not empty.",
                why="Something was added to the state meanwhile.",
                fix="Re-run the job: it destroys what is left.",
            )
        return tally.result(account, persistence)

    def _initialise(self, variables: dict[str, object] | None = None) -> None:
        session, binding = self._session, self._binding
        session.place.prepare()
        wait_for_earlier(session)
        write_private(session.place.variables, msgspec.json.encode(variables or binding.variables))

        def once(attempt: Attempt) -> None:
            initialise(session, attempt, backend=binding.backend, implicit=binding.implicit)

        self._persist().run(once)
        push_unsaved(session)

    def _plan_once(self, attempt: Attempt) -> Plan:
        return make_plan(self._session, attempt, commit=self._binding.commit, variables=self._binding.variables)

    def _replan(self, attempt: Attempt, approved: Plan) -> Plan:
        self._session.say("The plan is spent: planning again, within what was approved.")
        plan = self._plan_once(attempt)
        more = _more_than(approved, plan)
        if not more:
            return plan
        self._session.place.plan.unlink(missing_ok=True)
        raise UnapprovedChangeError(
            f"A second plan would do {len(more)} things that were not approved.",
            why="Something changed outside this run meanwhile, or the configuration reads what differs from plan "
            "to plan (`plantimestamp()`, a data source).",
            fix="Look at the difference. If it is wanted, re-run the job: it shows the new plan.",
            detail="\n".join(more),
        )

    def _refuse_other(self, plan: Plan) -> None:
        binding, session = self._binding, self._session
        digest = digest_of(
            environment=session.environment,
            commit=binding.commit,
            variables=binding.variables,
            tags=session.tags,
            changes=plan.changes,
        )
        if digest != plan.digest:
            raise ApplyFailedError(
                "This plan was made for something else.",
                why="It is bound to another environment, commit, or other variables or tags.",
                fix="Re-run the job: it plans again.",
            )
        if plan.content != content_of(session):
            raise ApplyFailedError(
                "The saved plan is not the one that was shown.",
                why="The plan file was replaced or removed after it was made, or is spent.",
                fix="Re-run the job: it plans again.",
                where=plan.path,
            )

    def _state_is_empty(self) -> bool:
        printed, ended = self._session.capture("state pull", ["state", "pull"])
        if ended.returncode != 0:
            raise TerraformError(
                "The state cannot be read.",
                why="The backend refuses, or the state is damaged.",
                fix="Check the permissions of this job on the backend, then re-run it.",
                detail=ended.complaints,
            )
        if not printed.strip():
            return True
        try:
            state = msgspec.json.decode(printed, type=_State)
        except msgspec.MsgspecError:
            return False
        return not any(resource.mode == "managed" for resource in state.resources)

    def _persist(self) -> Persistence:
        session = self._session
        return Persistence(
            clock=session.clock,
            seconds=session.settings.timeout_minutes * 60,
            parallelism=session.settings.parallelism,
            say=session.say,
            stopped=lambda: session.launcher.stopped,
            budget=self._budget,
        )


def _more_than(approved: Plan, planned: Plan) -> tuple[str, ...]:
    """What `planned` does and `approved` does not allow, one line each."""
    stronger = beyond(approved.changes, planned.changes)
    named = {line.rpartition(": ")[0] for line in stronger}
    otherwise = beyond_approved(approved.fingerprints, planned.fingerprints)
    return (
        *stronger,
        *(f"{address}: {', '.join(names)}" for address, names in otherwise.items() if address not in named),
    )


class _StateResource(Struct, frozen=True):
    mode: str = "managed"


class _State(Struct, frozen=True):
    resources: tuple[_StateResource, ...] = ()


_READ: Final = "read"
"""A data source that is looked up: nothing is made of it, so nobody counts it or waits for it."""


class _Tally:
    """Counts over all attempts, from completions: a failed attempt's work counts too."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._started = monotonic()
        self._counts = {"create": 0, "update": 0, "delete": 0}

    def watch(self, on_progress: OnProgress) -> OnProgress:
        def watched(progress: ResourceProgress) -> None:
            if progress.state == "complete" and progress.action in self._counts:
                self._counts[progress.action] += 1
            if progress.action != _READ:
                on_progress(progress)

        return watched

    def result(self, account: Account, persistence: Persistence) -> ApplyResult:
        return ApplyResult(
            added=self._counts["create"],
            changed=self._counts["update"],
            destroyed=self._counts["delete"],
            attempts=persistence.attempts,
            retried=tuple(persistence.retried),
            outputs=account.outputs,
            seconds=self._monotonic() - self._started,
        )
