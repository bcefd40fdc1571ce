"""Terraform within `up`: plan beside the first comment, apply beside the sync, gates between them."""

import threading
from collections.abc import Callable

from msgspec import structs

from eod.config.placeholders import fill
from eod.config.tiers import known_capabilities
from eod.errors import CancelledError, EodError, UsageError
from eod.governance.public_storage import findings_of, refusal_of
from eod.interrupts import wait_for
from eod.lifecycle.background import Background
from eod.lifecycle.case import Case
from eod.lifecycle.clearing import clearing_for
from eod.lifecycle.estimating import Estimator, read_history
from eod.lifecycle.outputs import MOST, MOST_BYTES, kept_of
from eod.lifecycle.place import Facts, backend_of, tags_of, variables_of
from eod.lifecycle.ports import Terraform, Workspace
from eod.lifecycle.repair import plan_after_repair
from eod.lifecycle.unended import judge_of
from eod.model.learned import History
from eod.model.outcome import StepState
from eod.model.outputs import Outputs
from eod.model.plan import ApplyResult, Plan, ResourceProgress
from eod.model.record import TerraformRecord

LEAVE_WITHIN_SECONDS = 4.0
"""How long a cancelled run, once all is written down, waits for Terraform: it is killed 10 s after the signal."""

HISTORY_SECONDS = 3.0
"""How long a plan that is made waits for the history before it is shown without."""

WATCH_SECONDS = 20.0
"""How often, during an apply, GitHub is asked whether it is still wanted."""

NOTHING_DECLARED = (
    "The root module declares none of the variables that eod can give it (`environment`, `pr_number`, `namespace` "
    "and others): it is applied as it is, the same for each pull request, so unique names will collide."
)


class Provisioning:
    """One environment's Terraform run, or the absence of one."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._rooms = case.rooms
        self._journey = case.journey
        self._had_state = case.existing is not None and case.existing.terraform is not None
        self._workspace: Workspace | None = None
        self._record: TerraformRecord | None = None
        self._planning: Background[Plan] | None = None
        self._plan: Plan | None = None
        self._applying: Background[ApplyResult] | None = None
        self._history: Background[History] | None = None
        self._missing: set[str] = set()
        self._gates_open = threading.Event()
        self.applied = False
        self._repairs: tuple[str, ...] = ()
        self._ended = False
        self._outputs: Outputs | None = None

    @property
    def learned(self) -> dict[str, object]:
        """What the record is to know of this run.

        That is what was repaired of what earlier runs left behind, or cleared away of our own; and the outputs,
        once an apply succeeded or there was nothing to apply.
        """
        return {"repairs": self._repairs, **({"outputs": self._outputs} if self._ended else {})}

    @property
    def has_cdn(self) -> bool:
        """Whether the plan holds a CDN that is being made or changed now."""
        return self._plan is not None and any(
            change.kind == "cdn" and set(change.actions) & {"create", "update"} for change in self._plan.changes
        )

    @property
    def planned(self) -> bool:
        """Whether there is a plan, or one is being made."""
        return self._planning is not None

    @property
    def busy(self) -> bool:
        """Whether Terraform is at work."""
        return any(work is not None and not work.done for work in (self._planning, self._applying))

    @property
    def cooking(self) -> tuple[str, ...]:
        """What is still being made."""
        if self._applying is None or self._applying.done or self._plan is None:
            return ()
        done = {p.address for p in self._journey.outcome.progress if p.state in {"complete", "errored"}}
        touched = (c.address for c in self._plan.changes if set(c.actions) - {"no-op", "read", "forget"})
        return tuple(sorted(address for address in touched if address not in done))

    def start_plan(self) -> None:
        """Begin init and plan in the background, where this tier has Terraform or an earlier one had."""
        terraform = self._rooms.terraform
        settings = self._rooms.config.terraform
        if terraform is None or settings is None or not (self._case.settings.terraform or self._had_state):
            return
        with self._rooms.signals.shielded():  # else a cancel could come between the start and our knowing of it
            self._planning = Background(lambda: self._make_plan(terraform), "terraform-plan")

    def plan_again(self, case: Case) -> None:
        """Begin anew for another tier. Nothing has been applied; the plan before is dropped."""
        self._case = case
        self._plan = None
        self.start_plan()

    def plan(self) -> Plan | None:
        """The plan, once it is made and shown."""
        if self._planning is None:
            return None
        history = self._read_history()
        with self._journey.step("plan", "Terraform plan") as step:
            self._plan = self._judged(self._planning.result())
            step.detail = self._plan.summary.line
        history.wait(HISTORY_SECONDS)
        known = history.result() if history.done else History()
        self._journey.estimate_with(Estimator(self._case.config, self._plan, known))
        self._journey.change(plan=self._plan.summary, plan_text=self._plan.text, show=True)
        return self._plan

    def _judged(self, plan: Plan) -> Plan:
        """The plan, with what policies say of it in its summary."""
        findings = findings_of(plan, self._case.config.policy)
        return structs.replace(plan, summary=structs.replace(plan.summary, policy=findings))

    @property
    def newest_plan(self) -> Plan | None:
        """The plan that counts, where one was made."""
        return self._plan

    def _read_history(self) -> Background[History]:
        """Beside the plan, which takes longer; a plan that is made again needs no other history."""
        if self._history is None:
            records = self._rooms.records
            self._history = Background(lambda: read_history(records), "history")
        return self._history

    def terraform_record(self) -> TerraformRecord | None:
        """What a later destroy will need."""
        return self._record

    def start_apply(self, still_wanted: Callable[[], object]) -> None:
        """Begin the apply in the background; the gates open when all that the application needs is complete.

        `still_wanted` is asked before each further try, and raises when that must not be made.
        """
        plan, workspace = self._plan, self._workspace
        if plan is None or workspace is None or plan.summary.empty:
            self._gates_open.set()
            self.applied = self._had_state or plan is not None
            if plan is not None:
                self._keep(plan.outputs)
            return
        self._missing = set(plan.gates)
        if not self._missing:
            self._gates_open.set()
        with self._rooms.signals.shielded():
            self._applying = Background(lambda: self._apply(workspace, plan, still_wanted), "terraform-apply")
        self._applying.then(self._gates_open.set)

    def wait_for_gates(self, still_wanted: Callable[[], object]) -> None:
        """Wait until the application can start, or raise what made the apply fail.

        `still_wanted` is asked from time to time, and raises when there is no use in going on.
        """
        if self._applying is None:
            return
        with self._journey.step("gates", "What the application needs") as step:
            while not wait_for(self._gates_open, WATCH_SECONDS):
                self._ask(still_wanted)
            if self._applying.failed:
                self._applying.result()
            more = len(self.cooking)  # an apply that has only to end has nothing more to come
            step.detail = f"complete; {more} more to come" if more else "complete"

    def check(self) -> None:
        """Raise what made the apply fail, if it has: nobody should wait for an application in vain."""
        if self._applying is not None and self._applying.failed:
            self._applying.result()

    def finish(self, still_wanted: Callable[[], object]) -> None:
        """Wait for what was still cooking, and ask `still_wanted` meanwhile."""
        if self._applying is None:
            return
        self._journey.change(cooking=self.cooking)
        while not self._applying.wait(WATCH_SECONDS):
            self._ask(still_wanted)
        result = self._applying.result()
        self.applied = True
        self._journey.retried(result.retries)
        self._journey.change(cooking=())

    def settle(self) -> None:
        """After a failure elsewhere: let the apply end by itself, so that its state is whole."""
        for work in (self._planning, self._applying):
            if work is not None and not work.done:
                self._rooms.reporter.say("Waiting for Terraform to finish before this run ends.")
                work.wait()
        self.applied = self._applying is not None

    def stop(self) -> None:
        """The environment is no longer wanted: ask Terraform to stop gracefully and wait."""
        if self._workspace is not None and self._applying is not None and not self._applying.done:
            self._workspace.interrupt()
        self.settle()

    def wait_briefly(self) -> None:
        """After a cancel: Terraform was told once; give it the seconds that the runner gives us."""
        work = self._applying or self._planning
        if work is not None:
            work.wait(LEAVE_WITHIN_SECONDS)
        self.applied = self._applying is not None

    def _ask(self, still_wanted: Callable[[], object]) -> None:
        """A GitHub that does not answer is no reason to stop an apply."""
        try:
            still_wanted()
        except CancelledError:
            raise
        except EodError as error:
            self._rooms.reporter.say(f"Whether the pull request is still open cannot be told now: {error.what}")

    def _make_plan(self, terraform: Terraform) -> Plan:
        case = self._case
        if case.config.terraform is None:
            raise UsageError("Terraform is not configured.", fix="Add `terraform: {directory: …}` to eod.yml.")
        values = case.values
        directory = fill(case.config.terraform.directory, values)
        root = self._rooms.source.checkout(case.pull.head_sha) / directory
        declared = terraform.declared_variables(root)
        given = variables_of(case.config, case.settings, case.place, self._facts(), values)
        if not declared & given.keys():
            self._journey.notice(NOTHING_DECLARED)
        self._record = TerraformRecord(
            commit=case.pull.head_sha,
            directory=directory,
            backend=backend_of(case.config, values),
            variables={name: value for name, value in given.items() if name in declared},
            tags=tags_of(case.config, case.place, owner=case.pull.author, values=values),
        )
        self._workspace = terraform.workspace(
            environment=case.place.environment,
            root=root,
            commit=case.pull.head_sha,
            backend=self._record.backend,
            variables=self._record.variables,
            tags=self._record.tags,
            directory=directory,
            ended=judge_of(self._rooms, case.existing),
            clear=clearing_for(self._rooms, case.place, teardown=False),
            fresh=self._nothing_was_made_with(self._record.backend),
            judge=self._refuse_by_policy,
        )
        return plan_after_repair(case, self._workspace, self._record.backend, self._tell_repair)

    def _refuse_by_policy(self, plan: Plan) -> None:
        """Refuse a further try's plan: what was not known when the first one was shown may be known by then."""
        refusal = refusal_of(findings_of(plan, self._case.config.policy))
        if refusal is not None:
            raise refusal

    def _nothing_was_made_with(self, backend: dict[str, str]) -> bool:
        """The record knows of a state before anything is made with it: on another one a lock would stay."""
        existing = self._case.existing
        return existing is None or existing.terraform is None or existing.terraform.backend != backend

    def _tell_repair(self, what: str) -> None:
        self._repairs = (*self._repairs, what)
        self._journey.notice(f"Repaired: {what}")

    def _facts(self) -> Facts:
        case = self._case
        return Facts(
            pull=case.pull,
            verdict=case.verdict,
            image_tag=case.image_tag,
            capabilities=known_capabilities(case.config),
        )

    def _apply(self, workspace: Workspace, plan: Plan, still_wanted: Callable[[], object]) -> ApplyResult:
        told = len(workspace.repairs)
        with self._journey.step("apply", "Terraform apply") as step:
            try:
                result = workspace.apply(plan, self._on_progress, still_wanted)
            except EodError as error:
                step.state = StepState.FAILED
                step.detail = error.what
                raise
            finally:
                for repair in workspace.repairs[told:]:
                    self._tell_repair(repair)
            self._keep(result.outputs)
            step.detail = f"{result.added} added, {result.changed} changed, {result.destroyed} destroyed"
            return result

    def _keep(self, found: Outputs | None) -> None:
        """Keep the outputs of a state that is as the plan wants it."""
        reporter = self._rooms.reporter
        self._outputs = None if found is None else kept_of(found, reporter.redact)
        self._ended = True
        self._journey.change(outputs=self._outputs)
        if self._outputs is None:
            reporter.say("Terraform did not say what its outputs are: none are recorded.")
        elif self._outputs.left_out:
            names = ", ".join(self._outputs.left_out)
            reporter.say(
                f"Outputs that are not recorded, because {MOST} and {MOST_BYTES // 1024} KiB are the most: {names}"
            )

    def _on_progress(self, progress: ResourceProgress) -> None:
        self._journey.progress(progress, taken=lambda: self._pass_gate(progress))

    def _pass_gate(self, progress: ResourceProgress) -> None:
        if progress.state == "complete" and progress.action != "delete":
            self._missing.discard(progress.address)
            if not self._missing:
                self._gates_open.set()
