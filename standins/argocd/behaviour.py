"""What Argo CD does by itself, and when."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What Argo CD does by itself and when; times in seconds, its own defaults.

    Attributes:
        refresh: Between comparisons with the repository.
        refresh_jitter: At most that much is added to `refresh`.
        self_heal: Pause before the second attempt to heal; the first comes at once.
        self_heal_factor: How much longer each further pause is.
        self_heal_cap: The longest pause.
        self_heal_cooldown: A sync that lasted that long starts the pauses anew.
        repository_grace: How long a repository that fails is forgiven, but for an explicit refresh.
        stale_cache: Whether the first comparison after an automated sync still sees the objects from before it.
            The real controller's cache does so at times; the outcome is a second sync of everything at once, and
            readings that say Synced and Healthy while an operation runs.
        overlooks_deletions: Whether a deletion is noticed only with the next explicit refresh, as the real
            controller's informer makes it at times; else it waits for the next comparison with the repository.
    """

    refresh: float = 120.0
    refresh_jitter: float = 60.0
    self_heal: float = 2.0
    self_heal_factor: float = 3.0
    self_heal_cap: float = 300.0
    self_heal_cooldown: float = 330.0
    repository_grace: float = 180.0
    stale_cache: bool = False
    overlooks_deletions: bool = False
