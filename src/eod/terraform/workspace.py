"""One root module, bound to one environment's state: plan, apply, destroy."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct, structs

from eod.errors import ApplyFailedError, EodError, TerraformError
from eod.model.cloud import Item
from eod.model.plan import ApplyResult, Plan
from eod.terraform.adoption import Adoption, adoptions_of, import_one
from eod.terraform.applying import apply_once, destroy_once, saving_at_once
from eod.terraform.approval import refuse_another, refuse_more
from eod.terraform.backends import refuse_other_state
from eod.terraform.clearing import Clear, clearing
from eod.terraform.damaged import MoveState, place_of, set_aside
from eod.terraform.dead_locks import APPLY, PLAN, PUSH, DeadLocks, Ended
from eod.terraform.init import initialise
from eod.terraform.ownership import refuse_to_destroy
from eod.terraform.planning import make_plan
from eod.terraform.recovery import damaged_state, push_unsaved, take_left_behind, wait_for_earlier
from eod.terraform.retry import Attempt, Budget, Persistence
from eod.terraform.session import OnProgress, Session
from eod.terraform.state_json import State, read_state, unknown_to
from eod.terraform.tally import Tally
from eod.terraform.transcript import Account
from eod.terraform.workplace import write_private


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

    def __init__(
        self,
        session: Session,
        binding: Binding,
        *,
        ended: Ended | None = None,
        clear: Clear | None = None,
        judge: Callable[[Plan], object] | None = None,
    ) -> None:
        self._session = session
        self._binding = binding
        self._clear = clear
        self._judge = judge
        self._locks = DeadLocks(session, ended=ended, tell=self._repaired)
        self._repairs: list[str] = []
        self._budget = Budget(session.settings.retries)

    @property
    def repairs(self) -> tuple[str, ...]:
        """What was repaired of what an earlier run left behind, and cleared away of our own, a line each."""
        return tuple(self._repairs)

    def interrupt(self) -> None:
        """Ask the running Terraform once to end gracefully; begin nothing new afterwards."""
        self._session.launcher.stop()

    def check(self) -> None:
        """Init against the backend, as every other call does first; changes nothing.

        Raises:
            TerraformError: Providers, modules or the backend cannot be had.
        """
        self._initialise(anew=True)

    def plan(self) -> Plan:
        """Init and plan to a private file.

        Raises:
            PlanFailedError: With file and line of what is wrong.
            StateDamagedError: Says how the environment comes back.
            StateLockedError: Somebody else works on this environment.
            TerraformError: Init failed, or an earlier run's state cannot be saved.
            CancelledError: The run was cancelled.
        """
        try:
            self._initialise()
            return self._persist().run(self._locks.past(self._plan_once, PLAN))
        except TerraformError as error:
            raise (damaged_state(error) or error) from None

    def unknown(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        """Those of `items` that the state does not know. Call it after `plan`.

        Raises:
            TerraformError: The state cannot be read.
        """
        state = self._state()
        return () if state is None else unknown_to(state, items)

    def adopt(self, plan: Plan, items: tuple[Item, ...]) -> tuple[Item, ...]:
        """Import what the plan would make anew, where a name says without doubt which resource it is.

        Returns:
            What was imported; the plan is stale if there was any.

        Raises:
            CancelledError: The run was cancelled.
        """
        return tuple(one.item for one in adoptions_of(items, plan.creations) if self._import(one))

    def _import(self, one: Adoption) -> bool:
        try:
            self._persist().run(lambda _attempt: import_one(self._session, one))
        except TerraformError as error:
            self._session.say(error.what)
            return False
        self._repaired(f"{one.item.kind} {one.item.id} was in no state: it is {one.address} now.")
        return True

    def apply(
        self, plan: Plan, on_progress: OnProgress, still_wanted: Callable[[], object] = lambda: None
    ) -> ApplyResult:
        """Apply exactly that plan. What may pass is tried again, with a new plan that stays within this one.

        `still_wanted` is asked before each further try, and what it raises ends the apply.

        Raises:
            ApplyFailedError: It failed; what was done is in the state.
            UnapprovedChangeError: Another try would do more than was approved; nothing more was done.
            EodError: What was raised by `still_wanted`, or by whoever judges another try's plan.
            StateLockedError: Somebody else works on this environment.
            CancelledError: The run was cancelled; says what was completed.
        """
        refuse_another(plan, self._session, commit=self._binding.commit, variables=self._binding.variables)
        tally = Tally(self._session.clock.monotonic)

        def replan(session: Session, attempt: Attempt) -> Plan:
            return self._replan(session, attempt, plan)

        def once(session: Session, attempt: Attempt) -> Account:
            current = plan
            if attempt.number > 1:
                still_wanted()
                current = self._locks.past(replan, PLAN)(attempt)
            return apply_once(session, attempt, current.path, tally.watch(on_progress))

        persistence = self._persist()
        account = persistence.run(self._past_our_own(self._saving(self._locks.watching(once, APPLY))))
        return tally.result(account, persistence)

    def destroy(self, on_progress: OnProgress) -> ApplyResult:
        """Init and destroy everything in the state; an empty or missing state is a success.

        Raises:
            ApplyFailedError: It failed; what was destroyed is out of the state.
            TerraformUsageError: The state holds what is another environment's; nothing was destroyed.
            StateDamagedError: What the state held can only be found by its tags.
            StateLockedError: Somebody else works on this environment.
            CancelledError: The run was cancelled; says what was completed.
        """
        unknown = dict.fromkeys(self._binding.required - self._binding.variables.keys())
        try:
            return self._destroy({**unknown, **self._binding.variables}, on_progress)
        except TerraformError as error:
            raise (damaged_state(error) or error) from None

    def set_aside(self, at: datetime, move: MoveState | None) -> str:
        """Move a state that `destroy` found to be damaged aside; where it lies now.

        Raises:
            TerraformError: It stays where it is; says what to do.
            EodError: The backend refuses.
        """
        session = self._session
        record = session.place.backend_record
        recorded = record.read_bytes() if record.exists() else b""
        refuse_other_state(recorded, self._binding.backend, environment=session.environment, root=session.root)
        place = place_of(recorded)
        if place is None:
            raise TerraformError("The damaged state stays where it is: its backend is not known.")
        return set_aside(place, at, move=move, take_away=self._locks.take_away, program=session.engine.command)

    def _destroy(self, variables: dict[str, object], on_progress: OnProgress) -> ApplyResult:
        self._initialise(variables)
        state = self._state()
        if state is not None:
            refuse_to_destroy(state, self._session.tags, self._session.environment)
        if state is not None and not state.managed and not self._locks.expected:
            self._session.say("The state is empty: there is nothing to destroy.")
            return ApplyResult()
        # An empty state may still be locked by a run that was killed: that lock has to go, too.
        tally = Tally(self._session.clock.monotonic)

        def once(session: Session, attempt: Attempt) -> Account:
            return destroy_once(session, attempt, tally.watch(on_progress))

        persistence = self._persist()
        account = persistence.run(self._past_our_own(self._saving(self._locks.past(once, APPLY))))
        if not self._state_is_empty():
            raise ApplyFailedError(
                "Terraform destroyed what it could, and its state is still not empty.",
                why="Something was added to the state meanwhile.",
                fix="Re-run the job: it destroys what is left.",
            )
        return tally.result(account, persistence)

    def _initialise(self, variables: dict[str, object] | None = None, *, anew: bool = False) -> None:
        session, binding = self._session, self._binding
        session.place.prepare()
        wait_for_earlier(session)
        take_left_behind(session)
        write_private(session.place.variables, msgspec.json.encode(variables or binding.variables))

        def once(attempt: Attempt) -> None:
            initialise(session, attempt, backend=binding.backend, implicit=binding.implicit, anew=anew)

        self._persist().run(once)
        self._save_what_was_not_saved()

    def _save_what_was_not_saved(self) -> None:
        def once(session: Session, _attempt: Attempt) -> None:
            if push_unsaved(session):
                self._repaired("The state that an earlier run could not save was saved.")

        self._persist().run(self._locks.past(once, PUSH))

    def _saving(self, work: Callable[[Attempt], Account]) -> Callable[[Attempt], Account]:
        """`work`, after which a state that it could not save is saved, also past a lock that stayed."""
        push = self._locks.past(lambda session, _attempt: push_unsaved(session), PUSH)
        return saving_at_once(work, self._session, push)

    def _past_our_own(self, work: Callable[[Attempt], Account]) -> Callable[[Attempt], Account]:
        """`work`, which what bears this environment's tags does not keep from being done."""
        if self._clear is None:
            return work
        return clearing(work, self._clear, unknown=self.unknown, tell=self._repaired)

    def _repaired(self, what: str) -> None:
        self._session.say(what)
        self._repairs.append(what)

    def _plan_once(self, session: Session, attempt: Attempt) -> Plan:
        return make_plan(session, attempt, commit=self._binding.commit, variables=self._binding.variables)

    def _replan(self, session: Session, attempt: Attempt, approved: Plan) -> Plan:
        session.say("The plan is spent: planning again, within what was approved.")
        plan = self._plan_once(structs.replace(session, fresh=False), attempt)
        try:
            refuse_more(plan, approved)
            if self._judge is not None:  # what was not known when it was approved may be known by now
                self._judge(plan)
        except EodError:
            self._session.place.plan.unlink(missing_ok=True)
            raise
        return plan

    def _state_is_empty(self) -> bool:
        state = self._state()
        return state is not None and not state.managed

    def _state(self) -> State | None:
        """The state; `None` where it is printed and cannot be read."""

        def once(_attempt: Attempt) -> State | None:
            printed, ended = self._session.capture("state pull", ["state", "pull"])
            if ended.returncode != 0:
                raise self._session.failed(
                    TerraformError, "The state cannot be read.", Account(), ended, operation="init"
                )
            return read_state(printed)

        return self._persist().run(once)

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
