"""Inputs and outputs, from the one table in `eod.inputs`: blocks of action.yml and tables of the README."""

import json

from eod.inputs import INPUTS, OUTPUTS
from scripts.generators.blocks import table


def inputs_yaml() -> str:
    """The block `inputs:`."""
    lines = ["inputs:"]
    for one in INPUTS:
        lines += [f"  {one.name}:", f"    description: {_text(one.description)}"]
        lines += [f"    required: {'true' if one.required else 'false'}", f"    default: {_text(one.default)}"]
    return "\n".join(lines)


def outputs_yaml() -> str:
    """The block `outputs:`."""
    lines = ["outputs:"]
    for one in OUTPUTS:
        lines += [f"  {one.name}:", f"    description: {_text(one.description)}"]
        lines.append(f"    value: ${{{{ steps.run.outputs.{one.name} }}}}")
    return "\n".join(lines)


def environment_yaml() -> str:
    """Each input as an environment variable: composite steps get no `INPUT_*`."""
    return "\n".join(f"{one.variable}: ${{{{ inputs.{one.name} }}}}" for one in INPUTS)


def inputs_table() -> str:
    """The README's table of inputs."""
    rows = [(f"`{one.name}`", one.description, f"`{one.default}`" if one.default else "") for one in INPUTS]
    return table(("Input", "Meaning", "Default"), rows)


def outputs_table() -> str:
    """The README's table of outputs."""
    return table(("Output", "Meaning"), [(f"`{one.name}`", one.description) for one in OUTPUTS])


def _text(text: str) -> str:
    """A YAML text: JSON's quoting is YAML's too."""
    return json.dumps(text, ensure_ascii=False)
