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


class Clearing(StrEnum):
    """What must go first, and may be cleared away by us where it bears the environment's tags."""

    CONTENTS = "contents"
    """What a bucket, a zone or a repository of images still holds."""

    STRAYS = "strays"
    """What is in no state: members, holders, network interfaces that nothing uses any more."""

    STOPPED = "stopped"
    """A database that is stopped, and cannot be deleted before it was started."""

    DELETED = "deleted"
    """A secret that keeps its name until its time is over, though it is deleted."""
