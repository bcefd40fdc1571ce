"""The lines of Terraform's `-json` stream as typed events (machine-readable UI, version 1).

Every line is an object with a `type`. Unknown keys and types are ignored, as the format asks of its readers; a
line that is no event (a provider that prints, half a line of a killed process) becomes `Noise`. All text in events
was written by providers and by the authors of modules: it is data for a reader and never more.
"""

from typing import Any, Final

import msgspec
from msgspec import Struct, field

from eod.terraform.cutting import beginning
from eod.terraform.plan_json import Output

UI_MAJOR: Final = "1"
NOISE_LIMIT: Final = 2_000
"""Characters that are kept of a line that is no event."""


class Resource(Struct, frozen=True):
    """Which resource a message is about."""

    addr: str
    resource_type: str = ""
    module: str = ""


class Hook(Struct, frozen=True):
    """What a hook message says. `elapsed_seconds` counts from the start of this resource's operation."""

    resource: Resource
    action: str = ""
    id_value: str = ""
    elapsed_seconds: float = 0.0


class Position(Struct, frozen=True):
    """Where in a file; lines count from 1."""

    line: int = 0
    column: int = 0


class Range(Struct, frozen=True):
    """A place in the configuration; `filename` is relative to the root module."""

    filename: str = ""
    start: Position = Position()


class Diagnostic(Struct, frozen=True):
    """An error or warning. The reason why a resource failed is only here, joined by `address`."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""
    range: Range | None = None

    @property
    def text(self) -> str:
        """Summary and detail together."""
        return f"{self.summary}: {self.detail}" if self.detail else self.summary


class Changes(Struct, frozen=True, rename={"imported": "import"}):
    """Counts of a plan (`operation` plan) or of a finished apply (apply, destroy)."""

    add: int = 0
    change: int = 0
    remove: int = 0
    imported: int = 0
    operation: str = ""


class Version(Struct, frozen=True):
    """The first line. `tofu` is set by OpenTofu in place of `terraform`."""

    ui: str
    terraform: str = ""
    tofu: str = ""

    @property
    def supported(self) -> bool:
        """Whether this major version of the format is the one that we know."""
        return self.ui.split(".", 1)[0] == UI_MAJOR


class Started(Struct, frozen=True):
    """`apply_start`: work on a resource began."""

    hook: Hook


class Progressed(Struct, frozen=True):
    """`apply_progress`: it is still going on; said every 10 s (OpenTofu before 1.13: only once)."""

    hook: Hook


class Completed(Struct, frozen=True):
    """`apply_complete`: it is done. A replacement completes twice, once for the delete."""

    hook: Hook


class Errored(Struct, frozen=True):
    """`apply_errored`: it failed. Why comes later, as a `Diagnosed` with the same address."""

    hook: Hook


class Diagnosed(Struct, frozen=True):
    """`diagnostic`."""

    diagnostic: Diagnostic


class Summarised(Struct, frozen=True):
    """`change_summary`. A failed apply prints none."""

    changes: Changes


class Yielded(Struct, frozen=True):
    """`outputs`."""

    outputs: dict[str, Output]


class Locking(Struct, frozen=True):
    """`state_lock_acquire`: Terraform waits for the state's lock."""


class Logged(Struct, frozen=True):
    """`log`: a sentence for people, such as that an interrupt arrived."""

    message: str = field(name="@message", default="")


class Noise(Struct, frozen=True):
    """A line that is no event, cut to `NOISE_LIMIT`."""

    text: str


Event = (
    Version
    | Started
    | Progressed
    | Completed
    | Errored
    | Diagnosed
    | Summarised
    | Yielded
    | Locking
    | Logged
    | Noise
)

_TYPES: Final[dict[str, type[Struct]]] = {
    "version": Version,
    "apply_start": Started,
    "apply_progress": Progressed,
    "apply_complete": Completed,
    "apply_errored": Errored,
    "diagnostic": Diagnosed,
    "change_summary": Summarised,
    "outputs": Yielded,
    "state_lock_acquire": Locking,
    "log": Logged,
}


class _Head(Struct):
    type: str


_head: Final = msgspec.json.Decoder(_Head)
_decoders: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    name: msgspec.json.Decoder(shape) for name, shape in _TYPES.items()
}


def decode(line: bytes) -> Event | None:
    """The event in one line, or `None` for an empty line or a type that nobody here needs."""
    stripped = line.strip()
    if not stripped:
        return None
    try:
        decoder = _decoders.get(_head.decode(stripped).type)
        event: Event | None = None if decoder is None else decoder.decode(stripped)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = stripped.decode(errors="replace")
        return Noise(beginning(text, NOISE_LIMIT) or text[:NOISE_LIMIT])
    return event
