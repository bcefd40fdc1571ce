"""What the sections are built of: types with their limits, and what they take placeholders from."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from eod.config.placeholders import KNOWN

ALL: Final = tuple(KNOWN)
NAME_ONLY: Final = ("environment", "name")
"""Of what is filled in from an environment's name alone, as at teardown."""

Hours = Annotated[float, Meta(gt=0, le=24 * 365)]
Money = Annotated[float, Meta(ge=0)]
Text = Annotated[str, Meta(min_length=1)]
QUANTITY_PATTERN: Final = r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?$"
Quantity = Annotated[
    str,
    Meta(
        pattern=QUANTITY_PATTERN,
        extra={"expected": "a quantity as Kubernetes writes it, such as `500m` or `4Gi`"},
    ),
]
Status = Annotated[int, Meta(ge=100, le=599)]
Variables = Annotated[dict[str, object], Meta(extra={"placeholders": ALL, "keys": "variable"})]
Capability = Annotated[
    str,
    Meta(
        pattern="^[a-z][a-z0-9]*([_-][a-z0-9]+)*$",
        extra={"expected": "a capability's name in lower case, such as `database` or `load_balancer`"},
    ),
]


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A mapping of the file: keys in kebab case, and none that is not known."""
