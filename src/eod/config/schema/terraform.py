"""How Terraform is run, and what to make of its failures."""

from typing import Annotated

from msgspec import Meta, field

from eod.config.schema.values import ALL, Section, Text, Variables
from eod.model.fault import FaultClass, Operation


class Fault(Section, frozen=True):
    """A rule of one's own about failures of Terraform; asked before the built-in ones, the first that fits."""

    pattern: Annotated[
        str,
        Meta(
            min_length=1,
            description="Regular expression that is found in the message: case is ignored, all white space is one "
            "blank. No repeated groups, no look-around.",
        ),
    ]
    fault_class: Annotated[FaultClass, Meta(description="What to make of it; see `docs/terraform.md`.")] = field(
        name="class"
    )
    reason: Annotated[Text, Meta(description="Said to whoever reads the failure or the retry.")]
    attempts: Annotated[
        Annotated[int, Meta(ge=0, le=20)] | None,
        Meta(
            description="Further tries; only of what may pass (`transient`, `conflict`, `replan`); there 2.",
        ),
    ] = None
    delay_seconds: Annotated[
        float, Meta(gt=0, le=1800, description="Wait before the first of them; doubled each time.")
    ] = 60
    types: Annotated[
        tuple[Text, ...], Meta(description="Only for resources of these types (`*` wildcards); default: all.")
    ] = ()
    operations: Annotated[tuple[Operation, ...], Meta(description="Only while doing these; default: all.")] = ()


class Terraform(Section, frozen=True):
    """Where the root module lies and how it is run."""

    directory: Annotated[
        str,
        Meta(
            min_length=1,
            description="The root module, from the repository's root; takes placeholders.",
            extra={"placeholders": ALL},
        ),
    ]
    binary: Annotated[str, Meta(min_length=1, description="`terraform`, `tofu` or a path.")] = "terraform"
    backend: Annotated[
        dict[str, str | bool | int],
        Meta(
            description="Settings of the backend block, as `-backend-config`; texts take placeholders.",
            extra={"placeholders": ALL},
        ),
    ] = field(default_factory=dict)
    state_key: Annotated[
        str,
        Meta(
            min_length=1,
            description="Where each environment's state lies; must contain `{environment}`.",
            extra={"placeholders": ALL},
        ),
    ] = "eod/{repository}/{environment}.tfstate"
    variables: Annotated[
        Variables, Meta(description="Terraform variables for every tier; texts take placeholders.")
    ] = field(default_factory=dict)
    parallelism: Annotated[int, Meta(ge=1, le=256, description="Terraform's `-parallelism`.")] = 20
    lock_timeout_seconds: Annotated[int, Meta(ge=0, le=3600, description="How long to wait for a state lock.")] = (
        120
    )
    timeout_minutes: Annotated[
        float, Meta(gt=0, le=360, description="After this an apply is stopped gracefully.")
    ] = 60
    allow_local_state: Annotated[
        bool, Meta(description="Run without a remote backend. On a hosted runner the state would be lost.")
    ] = False
    gates: Annotated[
        dict[str, bool],
        Meta(description="Address pattern (`*` wildcards) → whether the application needs that resource."),
    ] = field(default_factory=dict)
    faults: Annotated[
        tuple[Fault, ...], Meta(description="Rules of one's own about failures, before the built-in ones.")
    ] = ()
    retries: Annotated[
        int, Meta(ge=0, le=100, description="Retries of one run together, whatever each fault allows; 0: none.")
    ] = 12
