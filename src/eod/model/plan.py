"""A Terraform plan, reduced to what decisions and reports need. No attribute values: those may be secret."""

from collections import Counter
from typing import Final, TypeAlias

from msgspec import Struct

from eod.model.forecast import Node
from eod.model.outputs import Outputs
from eod.model.policy import Exposure, PolicyFinding

Fingerprint: TypeAlias = "str | dict[str, Fingerprint] | list[Fingerprint] | None"
"""A value's keyed digest, in the value's shape; `None` where it is known only after the apply."""

_NAMED_OUTPUTS: Final = 5
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


class ResourceChange(Struct, frozen=True, kw_only=True):
    """One resource that the plan touches.

    `actions` are those of plan JSON: `("create",)`, `("delete", "create")`. `kind` is its capability by the kind
    table (`database`, `cdn`), empty when the table does not know the type.
    """

    address: str
    type: str
    actions: tuple[str, ...]
    kind: str = ""
    reason: str = ""


class BlockingResource(Struct, frozen=True, kw_only=True):
    """A resource that people will wait for, and how that could be avoided. Minutes are typical times."""

    address: str
    kind: str
    title: str
    minutes_low: float
    minutes_high: float
    needed_by_application: bool
    hint: str


class WaitHint(Struct, frozen=True, kw_only=True):
    """Something about `count` resources that makes people wait without need, and what to do instead."""

    address: str
    count: int = 1
    hint: str


class Loss(Struct, frozen=True, kw_only=True):
    """A resource that the plan destroys or replaces. `data`: what it holds goes with it. `why` is a phrase."""

    address: str
    title: str = ""
    replaced: bool = False
    data: bool = False
    why: str = ""


class MadeKind(Struct, frozen=True, kw_only=True):
    """What the plan makes of one kind: `count` resources, at once.

    Minutes are the typical time of the slowest; `dollars_per_day` is what they cost together at the least, without
    what is paid by use, and `None` where that is not known.
    """

    kind: str
    title: str
    count: int
    minutes_low: float
    minutes_high: float
    needed_by_application: bool
    dollars_per_day: float | None = None


class Creation(Struct, frozen=True, kw_only=True):
    """A resource that the plan would make anew, by the name that it is to bear.

    `by_name`: no listing of tags shows for certain that it exists.
    """

    address: str
    type: str
    name: str
    by_name: bool = False


class PlanSummary(Struct, frozen=True, kw_only=True):
    """Counts and blocking resources of one plan, what it makes, the slowest first, and what it takes away.

    `outputs` are the names of the root module's outputs that change. `policy`: refusals first.
    """

    adds: int = 0
    changes: int = 0
    destroys: int = 0
    replaces: int = 0
    moves: int = 0
    imports: int = 0
    forgets: int = 0
    blocking: tuple[BlockingResource, ...] = ()
    by_kind: tuple[tuple[str, int], ...] = ()
    made: tuple[MadeKind, ...] = ()
    losses: tuple[Loss, ...] = ()
    hints: tuple[WaitHint, ...] = ()
    outputs: tuple[str, ...] = ()
    policy: tuple[PolicyFinding, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether applying the plan would change nothing."""
        return not self.outputs and not self._touched

    @property
    def _touched(self) -> bool:
        return any((self.adds, self.changes, self.destroys, self.replaces, self.moves, self.imports, self.forgets))

    @property
    def line(self) -> str:
        """One line for a log, an output or a commit message."""
        if self.empty:
            return "no changes"
        if not self._touched:
            more = len(self.outputs) - _NAMED_OUTPUTS
            named = ", ".join(self.outputs[:_NAMED_OUTPUTS])
            return f"outputs change only: {named}{f' and {more} more' if more > 0 else ''}"
        parts = [f"{self.adds} to add", f"{self.changes} to change", f"{self.destroys} to destroy"]
        if self.replaces:
            parts.insert(2, f"{self.replaces} to replace")
        if self.imports:
            parts.append(f"{self.imports} to import")
        if self.moves:
            parts.append(f"{self.moves} to move")
        if self.forgets:
            parts.append(f"{self.forgets} to forget")
        return ", ".join(parts)


class Plan(Struct, frozen=True, kw_only=True):
    """A saved plan: where it lies, what it was made for, what it would do.

    `digest` binds it to environment, commit, tier and variables. `path` is private to this machine.
    `gates` are the addresses that must be complete before the application can start. `graph` says what waits for
    what. `content` is the SHA-256 (hex) of the plan file. `fingerprints` (address → attribute, outputs among them)
    tell what it would set; they mean something to this run only. `outputs` are those of the state, where the plan
    changes nothing.
    """

    path: str
    digest: str
    terraform_version: str
    changes: tuple[ResourceChange, ...]
    summary: PlanSummary
    gates: frozenset[str] = frozenset()
    graph: tuple[Node, ...] = ()
    text: str = ""
    content: str = ""
    creations: tuple[Creation, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    fingerprints: dict[str, dict[str, Fingerprint]] = {}
    outputs: Outputs = Outputs()


class ResourceProgress(Struct, frozen=True, kw_only=True):
    """What an apply or destroy said of one resource. `state`: started, progress, complete or errored."""

    address: str
    type: str
    kind: str
    action: str
    state: str
    elapsed_seconds: float = 0.0
    message: str = ""


class ApplyResult(Struct, frozen=True, kw_only=True):
    """What an apply or destroy did, counted from its own stream.

    `retried` holds a line for each retry of the run, its rule and its reason. `outputs` is `None` where Terraform
    said nothing of them.
    """

    added: int = 0
    changed: int = 0
    destroyed: int = 0
    attempts: int = 1
    retried: tuple[str, ...] = ()
    outputs: Outputs | None = None
    seconds: float = 0.0

    @property
    def retries(self) -> tuple[str, ...]:
        """What was tried again, and how often: a sentence each."""
        return tuple(
            f"Retried {times}{_TIMES}: {line.partition(': ')[2] or line}"
            for line, times in Counter(self.retried).items()
        )
