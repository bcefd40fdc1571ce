"""What a failure of Terraform is, and when it happened: words that the configuration and the catalogue share."""

from enum import StrEnum


class FaultClass(StrEnum):
    """Kinds of faults; `data/faults/core.toml` says where one ends and the next begins."""

    TRANSIENT = "transient"
    CONFLICT = "conflict"
    REPLAN = "replan"
    ORPHAN = "orphan"
    BLOCKED = "blocked"
    LOST_STATE = "lost-state"
    PERMANENT = "permanent"

    @property
    def may_pass(self) -> bool:
        """Whether the same change may succeed later without anybody changing anything."""
        return self in {FaultClass.TRANSIENT, FaultClass.CONFLICT, FaultClass.REPLAN}


class Operation(StrEnum):
    """What Terraform was doing."""

    INIT = "init"
    PLAN = "plan"
    APPLY = "apply"
    DESTROY = "destroy"
