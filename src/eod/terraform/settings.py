"""How Terraform is run."""

from msgspec import Struct

from eod.terraform.faults import FaultRule


class Settings(Struct, frozen=True, kw_only=True):
    """What the configuration says about Terraform; the defaults are the configuration's own.

    `gates` maps address patterns to whether the application needs a resource. `faults` are asked before the
    catalogue; `retries` bounds those of one run together. `text_limit` is the size of a plan's text for people, in
    characters.
    """

    binary: str = "terraform"
    parallelism: int = 20
    lock_timeout_seconds: int = 120
    timeout_minutes: float = 60.0
    allow_local_state: bool = False
    gates: dict[str, bool] = {}
    faults: tuple[FaultRule, ...] = ()
    retries: int = 12
    text_limit: int = 200_000
