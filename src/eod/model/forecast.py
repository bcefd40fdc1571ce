"""When an environment can be used: what has to be made, in which order, and how long that takes."""

from datetime import datetime

from msgspec import Struct


class Node(Struct, frozen=True, kw_only=True):
    """One resource of a plan's dependency graph, as the configuration has it: without indexes.

    `addresses` are its instances that the plan touches; a node without any (a variable, an output, a resource that
    stays as it is) only hands on who waits for whom. `actions` are those of plan JSON over all instances. `needed`
    says that the application waits for it. `minutes` are the typical low and high to create one. `after` are the
    positions in the graph of what must be complete first; all of them are smaller than the node's own.
    """

    name: str
    addresses: tuple[str, ...] = ()
    type: str = ""
    kind: str = ""
    title: str = ""
    actions: tuple[str, ...] = ()
    needed: bool = False
    blocking: bool = False
    minutes: tuple[float, float] = (0.0, 0.0)
    after: tuple[int, ...] = ()


class Spread(Struct, frozen=True, kw_only=True):
    """Seconds that something takes: when all goes well, usually (p50), and at worst in nine of ten cases (p90)."""

    low: float = 0.0
    typical: float = 0.0
    high: float = 0.0


class PathStep(Struct, frozen=True, kw_only=True):
    """One wait on a critical path, in seconds from when it begins, or from now if it has begun.

    `address` is a resource's, or empty for a step of our own, of which `title` then says all. `samples` is how
    many earlier runs the time is taken from; 0 means that it is a typical time.
    """

    address: str = ""
    title: str
    seconds: float
    samples: int = 0


class Saving(Struct, frozen=True, kw_only=True):
    """What sharing all resources of one kind would save: seconds until it can be used, and until it is done."""

    kind: str
    title: str
    usable_seconds: float
    done_seconds: float


class Estimate(Struct, frozen=True, kw_only=True):
    """What is still to be waited for, seen from `at`.

    `usable` lasts until the application answers, `done` until Terraform has ended too. `path` and `done_path` are
    the critical paths to both: nothing gets faster unless one of these does. `waiting_for` is the address of the
    longest wait before the application can start, empty when it need not wait for a resource any more.
    """

    at: datetime
    usable: Spread
    done: Spread
    path: tuple[PathStep, ...] = ()
    done_path: tuple[PathStep, ...] = ()
    waiting_for: str = ""
    savings: tuple[Saving, ...] = ()
