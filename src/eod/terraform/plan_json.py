"""The parts of `terraform show -json` (format 1.x) that are needed; everything else is skipped while decoding.

Attribute values stay undecoded: sensitive ones stand there in clear. `eod.terraform.waits` reads the few that tell
how long a resource takes, where the plan's own masks allow it; `eod.terraform.fingerprints` digests them.
"""

from typing import Any, Final

import msgspec
from msgspec import Struct

from eod.errors import TerraformError

FORMAT_MAJOR: Final = "1"
NOTHING: Final = msgspec.Raw(b"null")


class Importing(Struct, frozen=True):
    """Present where the plan imports: by an ID, by an identity, or by one that is not known yet."""

    id: str = ""
    identity: msgspec.Raw = NOTHING
    unknown: bool = False


class Change(Struct, frozen=True):
    """What is to be done with a resource, and its attributes afterwards with the mask of the sensitive ones."""

    actions: tuple[str, ...]
    importing: Importing | None = None
    before: msgspec.Raw = NOTHING
    before_sensitive: msgspec.Raw = NOTHING
    after: msgspec.Raw = NOTHING
    after_unknown: msgspec.Raw = NOTHING
    after_sensitive: msgspec.Raw = NOTHING
    replace_paths: msgspec.Raw = NOTHING


class PlannedChange(Struct, frozen=True):
    """One entry of `resource_changes`. `deposed` is set for what a failed replacement left behind."""

    address: str
    type: str
    change: Change
    mode: str = "managed"
    previous_address: str = ""
    deposed: str = ""
    action_reason: str = ""


class ConfiguredOutput(Struct, frozen=True):
    """An output of a module; its expression is looked at only when somebody follows a reference through it."""

    expression: msgspec.Raw = NOTHING


class ConfiguredResource(Struct, frozen=True):
    """A resource as the configuration has it: `address` is relative to its module and has no index."""

    address: str
    type: str
    expressions: msgspec.Raw = NOTHING
    count_expression: msgspec.Raw = NOTHING
    for_each_expression: msgspec.Raw = NOTHING
    depends_on: tuple[str, ...] = ()
    provider_config_key: str = ""


class ConfiguredVariable(Struct, frozen=True):
    """A `variable` block."""

    sensitive: bool = False


class ModuleCall(Struct, frozen=True):
    """A `module` block."""

    module: "Module"
    expressions: msgspec.Raw = NOTHING
    count_expression: msgspec.Raw = NOTHING
    for_each_expression: msgspec.Raw = NOTHING
    depends_on: tuple[str, ...] = ()


class Module(Struct, frozen=True):
    """A module's configuration."""

    resources: tuple[ConfiguredResource, ...] = ()
    outputs: dict[str, ConfiguredOutput] = {}
    variables: dict[str, ConfiguredVariable] = {}
    module_calls: dict[str, ModuleCall] = {}


class ConfiguredProvider(Struct, frozen=True):
    """A `provider` block; `module_address` is empty for those of the root module."""

    module_address: str = ""
    expressions: msgspec.Raw = NOTHING


class Configuration(Struct, frozen=True):
    """The configuration that the plan was made from. Providers go by the key that resources name them with."""

    root_module: Module = Module()
    provider_config: dict[str, ConfiguredProvider] = {}


class GivenVariable(Struct, frozen=True):
    """A variable of the root module, as it was given."""

    value: msgspec.Raw = NOTHING


class Output(Struct, frozen=True):
    """An output, its value undecoded: a sensitive one in clear in a state, without one in an apply's stream."""

    sensitive: bool = False
    value: msgspec.Raw = NOTHING


class StateResource(Struct, frozen=True):
    """A resource or data source in a state, with the mask of its sensitive attributes."""

    values: msgspec.Raw = NOTHING
    sensitive_values: msgspec.Raw = NOTHING


class StateModule(Struct, frozen=True):
    """A module in a state."""

    resources: tuple[StateResource, ...] = ()
    child_modules: tuple["StateModule", ...] = ()


class StateValues(Struct, frozen=True):
    """What a state holds."""

    outputs: dict[str, Output] = {}
    root_module: StateModule = StateModule()


class StateDocument(Struct, frozen=True):
    """A state: what `show -json` prints of one, and what a plan was made over."""

    values: StateValues = StateValues()


class PlanDocument(Struct, frozen=True):
    """A plan."""

    format_version: str
    terraform_version: str = ""
    variables: dict[str, GivenVariable] = {}
    resource_changes: tuple[PlannedChange, ...] = ()
    resource_drift: tuple[PlannedChange, ...] = ()
    output_changes: dict[str, Change] = {}
    prior_state: StateDocument = StateDocument()
    configuration: Configuration = Configuration()
    errored: bool = False


_decoder: Final = msgspec.json.Decoder(PlanDocument)
_state_decoder: Final = msgspec.json.Decoder(StateDocument)


def decode_plan(document: bytes) -> PlanDocument:
    """The plan in what `show -json` printed.

    Raises:
        TerraformError: It is no plan, or of a format that we do not know.
    """
    try:
        plan = _decoder.decode(document)
    except msgspec.MsgspecError as error:
        raise TerraformError(
            "The plan that Terraform showed cannot be read.",
            why=f"It is not what `show -json` is documented to print: {error}.",
            fix="Check that `terraform.binary` is Terraform or OpenTofu itself and no wrapper that prints more.",
        ) from None
    if plan.format_version.split(".", 1)[0] != FORMAT_MAJOR:
        raise TerraformError(
            f"The plan has format {plan.format_version}; only format {FORMAT_MAJOR} is known.",
            why="This Terraform is newer than this version of eod.",
            fix="Update the action, or pin an older Terraform.",
        )
    return plan


def decode_state(document: bytes) -> StateDocument | None:
    """The state in what `show -json` printed of one; `None` where that cannot be read."""
    try:
        return _state_decoder.decode(document)
    except msgspec.MsgspecError:
        return None


def changed_outputs(plan: PlanDocument) -> dict[str, Change]:
    """The outputs of the root module that come, go or get another value, by name."""
    return {name: change for name, change in plan.output_changes.items() if set(change.actions) - {"no-op"}}


def mapping_of(raw: msgspec.Raw) -> dict[str, Any]:
    """What was left undecoded, where it is an object; else empty."""
    decoded = msgspec.json.decode(raw)
    return decoded if isinstance(decoded, dict) else {}
