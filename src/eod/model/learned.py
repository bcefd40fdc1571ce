"""How long things took before: the history that estimates are learned from."""

from msgspec import Struct


class History(Struct, frozen=True, kw_only=True):
    """Seconds, the newest last: of each resource type by action, and of each step of `up` by its name."""

    resources: dict[str, dict[str, tuple[float, ...]]] = {}
    steps: dict[str, tuple[float, ...]] = {}
