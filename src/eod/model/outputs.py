"""What a root module puts out for others, as it leaves Terraform's state."""

from msgspec import Struct


class Outputs(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Values that are not sensitive, any JSON, by name; and the names of the others.

    Attributes:
        values: By name.
        sensitive: Names of those that are marked as sensitive: no value of theirs is kept anywhere.
        left_out: Names of those whose values are too many, too large or too deep to be kept.
    """

    values: dict[str, object] = {}
    sensitive: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
