"""What the lifecycle needs of the other rooms, as Protocols. `eod.cli` hands in the real ones."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from eod.model.change import ChangeSet
from eod.model.cloud import Cleared, Item, Removal, Removed
from eod.model.fault import Clearing
from eod.model.kube import (
    ApplicationInfo,
    ApplicationSpec,
    ApplicationStatus,
    LoadBalancer,
    NamespaceInfo,
    NamespaceRemoval,
    NamespaceSpec,
)
from eod.model.learned import History
from eod.model.lock import StateLock
from eod.model.outcome import Outcome, SweepOutcome
from eod.model.people import Comment, LabelPut, Role
from eod.model.plan import ApplyResult, Plan, ResourceProgress
from eod.model.pull import PullRequest
from eod.model.record import Record
from eod.model.state import StatePlace
from eod.tiers.ports import Repository

OnProgress = Callable[[ResourceProgress], None]
OnStatus = Callable[[ApplicationStatus], None]


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def wait(self, seconds: float) -> None:
        """Sleep, or raise `CancelledError` as soon as the run is cancelled."""


class Records(Protocol):
    """The store of records in Git."""

    def get(self, environment: str) -> Record | None:
        """The record as the remote has it now, or `None`."""

    def all(self) -> tuple[Record, ...]:
        """Every record. A record that cannot be read raises `RecordError`; it is never skipped."""

    def history(self) -> History:
        """How long things took before, here and in environments that are gone; what is damaged is left out."""

    def update(
        self, environment: str, decide: Callable[[Record | None], Record | None], message: str
    ) -> Record | None:
        """Commit what `decide` makes of the newest record; `None` removes it, the same record commits nothing.

        When another writer was faster, the record is read again and `decide` is asked again.
        """


class Forge(Protocol):
    """GitHub, as far as pull requests go."""

    def pull_request(self, number: int) -> PullRequest:
        """One pull request, fresh. Raises `NotFoundError`."""

    def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open ones, over all pages, or an error; never a part."""

    def run_ended_at(self, run_id: int, attempt: int) -> datetime | None:
        """Until when that attempt of a workflow run, which is over, can have worked; `None`: not known."""

    def is_run_over(self, run_id: int, attempt: int) -> bool | None:
        """Whether that attempt of a workflow run has ended; `None` where that cannot be told."""

    def has_run_for(self, head_sha: str, workflow: str) -> bool | None:
        """Whether a workflow run was started for a commit; `None` where that cannot be told."""

    def role_of(self, login: str) -> Role:
        """What a user may do in the repository."""

    def own_login(self) -> str:
        """Whose token this is; empty for an App's, `GITHUB_TOKEN` among them."""

    def label_put(self, number: int, label: str) -> LabelPut | None:
        """Who put a label that is on a pull request; `None` if that is not told."""

    def comments(self, number: int) -> Iterator[Comment]:
        """The comments on a pull request, newest first."""

    def relabel(self, number: int, add: str, remove: Iterable[str]) -> None:
        """Take labels away, then put one (empty: none)."""

    def put_comment(self, number: int, body: str, comment_id: int | None) -> int | None:
        """Create or edit the one comment of ours and return its id; `None` if we may not comment."""

    def create_deployment(self, *, sha: str, environment: str, description: str) -> int | None:
        """Create a transient Deployment and return its id; `None` if we may not."""

    def deployment_status(
        self, deployment_id: int, *, state: str, url: str, log_url: str, description: str
    ) -> None:
        """Add a status: `in_progress`, `success`, `failure`, `inactive`."""

    def retire_deployments(self, environment: str) -> int:
        """Mark all Deployments of an environment inactive, try to delete the environment; how many were active."""


class Source(Protocol):
    """The repository's Git objects; what is missing locally is fetched."""

    def changes(self, base: str, head: str) -> ChangeSet:
        """What `head` changes since its merge base with `base`."""

    def sides(self, changes: ChangeSet) -> AbstractContextManager[Repository]:
        """The content on both sides of `changes`."""

    def checkout(self, commit: str) -> Path:
        """A directory that holds exactly `commit`, of our own, reused within a run."""


class Cluster(Protocol):
    """Namespaces and what runs in them."""

    def ensure_namespace(self, spec: NamespaceSpec) -> bool:
        """Apply the namespace and its guardrails; whether anything changed."""

    def namespaces(self) -> tuple[NamespaceInfo, ...]:
        """All preview namespaces."""

    def load_balancer(self, namespace: str, hostname: str, *, scheme: str) -> LoadBalancer | None:
        """The address of the Ingress for `hostname`, or of the first Ingress or Service that has one."""

    def drain_load_balancers(self, namespace: str, timeout_seconds: float) -> tuple[Item, ...]:
        """Delete Ingresses and load-balancer Services and wait until their load balancers are gone."""

    def identity(self) -> str:
        """What tells this cluster from any other; empty where it may not be told."""

    def contents(self, namespace: str) -> tuple[Item, ...]:
        """What the namespace holds now, for the certificate; empty when it is gone."""

    def delete_namespace(self, namespace: str, timeout_seconds: float) -> NamespaceRemoval:
        """Delete it and wait. Raises `NamespaceStuckError` with the diagnosis."""


class Delivery(Protocol):
    """Argo CD."""

    def ensure(self, spec: ApplicationSpec) -> bool:
        """Create or update the Application and have it refreshed; whether anything changed."""

    def poke(self, application_set: str, name: str, timeout_seconds: float) -> None:
        """Have the ApplicationSet look now, wait until its Application exists, and have that refreshed."""

    def wait_ready(
        self, name: str, revision: str, *, timeout_seconds: float, hold_seconds: float, on_status: OnStatus
    ) -> ApplicationStatus:
        """Wait until `revision` is synced and healthy, held. Raises `NotHealthyError` with the diagnosis."""

    def delete(self, name: str, timeout_seconds: float, *, generated: bool) -> bool:
        """Stop a running sync, delete in cascade and wait; whether it existed."""

    def applications(self) -> tuple[ApplicationInfo, ...]:
        """All Applications that belong to previews."""


class Workspace(Protocol):
    """One root module, bound to one environment's state."""

    @property
    def repairs(self) -> tuple[str, ...]:
        """What was repaired of what an earlier run left behind, a line each."""

    def unknown(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        """Those of `items` that the state does not know."""

    def adopt(self, plan: Plan, items: tuple[Item, ...]) -> tuple[Item, ...]:
        """Import what the plan would make anew, where there is no doubt what it is; what was imported."""

    def plan(self) -> Plan:
        """Init and plan to a file. Raises `PlanFailedError`, `StateLockedError`."""

    def apply(self, plan: Plan, on_progress: OnProgress, still_wanted: Callable[[], object]) -> ApplyResult:
        """Apply exactly that plan; `still_wanted` is asked before each further try. Raises `ApplyFailedError`."""

    def destroy(self, on_progress: OnProgress) -> ApplyResult:
        """Init and destroy everything in the state; an empty or missing state is a success."""

    def set_aside(self, at: datetime, move: "MoveState | None") -> str:
        """Move the state that `destroy` found to be damaged aside; where it lies now. Raises where it stays."""

    def interrupt(self) -> None:
        """Ask a running Terraform, once, to stop gracefully; nothing when none runs. Callable from any thread."""


class MoveState(Protocol):
    """Moves a damaged state aside in its remote backend, with its lock held."""

    def __call__(self, place: StatePlace, suffix: str) -> str | StateLock:
        """Where it lies now, or who holds its lock; `suffix` is what its new name ends with."""


class Clear(Protocol):
    """Clears away what bears the environment's tags and is in Terraform's way; what it did, a sentence each."""

    def __call__(
        self, what: frozenset[Clearing], *, unknown: Callable[[tuple[Item, ...]], tuple[Item, ...]]
    ) -> tuple[str, ...]:
        """`unknown` tells which items are in no state."""


class Terraform(Protocol):
    """Makes workspaces."""

    def declared_variables(self, root: Path) -> frozenset[str]:
        """The variables that the root module declares."""

    def workspace(
        self,
        *,
        environment: str,
        root: Path,
        commit: str,
        backend: dict[str, str],
        variables: dict[str, object],
        tags: dict[str, str],
        directory: str = "",
        ended: Callable[[StateLock], bool] | None = None,
        clear: Clear | None = None,
        fresh: bool = False,
        judge: Callable[[Plan], object] | None = None,
    ) -> Workspace:
        """Bind the root module at `directory` of the repository to the environment.

        `ended` tells whether a lock's holder is provably over; `None` where no earlier run ended before its time.
        `clear` is asked when something that may be the environment's own is in the way.
        `fresh` says that nothing was ever made with this state, so that its plan need not lock it.
        `judge` is shown the plan of each further try of an apply; what it raises ends the apply.
        Raises `UsageError` when `root` holds no `*.tf`.
        """


class Inventory(Protocol):
    """What the cloud holds for environments, by tag."""

    def find(self, environment: str, hostname: str) -> tuple[Item, ...]:
        """What exists for one environment now, each entry verified with its own service."""

    def named(
        self,
        environment: str,
        names: tuple[str, ...],
        since: datetime,
        *,
        disputed: frozenset[str] = frozenset(),
    ) -> tuple[Item, ...]:
        """Those of `names` (`TerraformRecord.names`) that exist and are provably this environment's.

        Another environment's plan gave `disputed` names too: of those nothing but tags is a proof.
        """

    def environments(self) -> dict[str, tuple[Item, ...]]:
        """Everything that carries our tags, by environment."""


class Remover(Protocol):
    """Deletes cloud resources by their own services."""

    def removable(self, item: Item) -> bool:
        """Whether there is a way to delete things of this kind."""

    def remove(self, items: tuple[Item, ...], timeout_seconds: float) -> Removed:
        """Delete what can be and wait until it is gone; what went, and what is left and why."""


class Clearer(Protocol):
    """Clears away what keeps cloud resources from being deleted or made; one refusal keeps no other from it."""

    def empty(self, items: tuple[Item, ...], timeout_seconds: float) -> Cleared:
        """Delete what buckets, zones and repositories of images among `items` hold."""

    def start(self, items: tuple[Item, ...], timeout_seconds: float) -> Cleared:
        """Start databases among `items` that are stopped, and wait until they are available."""

    def detach(self, items: tuple[Item, ...]) -> Cleared:
        """Delete network interfaces that nothing uses and only security groups among `items` hold."""

    def forget(self, environment: str) -> Cleared:
        """Delete for good the environment's secrets that are deleted and still keep their names."""


class Cdn(Protocol):
    """Content delivery, at teardown."""

    def retire(self, environment: str, items: tuple[Item, ...], timeout_seconds: float) -> tuple[Removal, ...]:
        """Disable and delete what is the environment's own; invalidate and purge what it shared."""

    def disable(self, items: tuple[Item, ...]) -> None:
        """Disable distributions now, so that the later delete waits less."""


class Prober(Protocol):
    """Asks URLs."""

    def wait(
        self,
        url: str,
        *,
        statuses: tuple[int, ...],
        timeout_seconds: float,
        via: LoadBalancer | None,
    ) -> str:
        """Ask until it answers with one of `statuses`; the URL that answered. Raises `NotReachableError`."""


class Reporter(Protocol):
    """Shows a run to people while it goes on and at its end."""

    def update(self, outcome: Outcome, *, now: bool = False) -> int | None:
        """Show the newest snapshot; the comment is edited at most every 20 s unless `now`. The comment's id."""

    def finish(self, outcome: Outcome) -> None:
        """Comment, job summary, annotations and outputs of a finished run."""

    def finish_sweep(self, outcome: SweepOutcome) -> None:
        """Job summary and outputs of a sweep."""

    def warn_expiry(self, record: Record) -> None:
        """Tell the owner, in a comment of its own since an edit notifies nobody, that the time is nearly over."""

    def redact(self, text: str) -> str:
        """`text` without secrets: what is written into the record stays in its history."""

    def say(self, message: str) -> None:
        """One line in the log."""
