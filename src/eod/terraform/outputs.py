"""The root module's outputs: as an apply tells them at its end, and as the state of a plan holds them."""

from collections.abc import Mapping

import msgspec

from eod.model.outputs import Outputs
from eod.terraform.plan_json import Output


def outputs_of(found: Mapping[str, Output]) -> Outputs:
    """Their values, but for the sensitive ones; what cannot be decoded is left out."""
    values: dict[str, object] = {}
    left_out = []
    for name, output in found.items():
        if output.sensitive:  # a state holds it in clear
            continue
        try:
            values[name] = msgspec.json.decode(output.value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
            left_out.append(name)
    sensitive = tuple(sorted(name for name, output in found.items() if output.sensitive))
    return Outputs(values=values, sensitive=sensitive, left_out=tuple(sorted(left_out)))
