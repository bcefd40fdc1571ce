"""The diagram of an environment's phases, from the table that the code moves by."""

from eod.model.record import Phase
from eod.records.machine import MOVES

_EVERYWHERE = (Phase.FAILED, Phase.DESTROYING)


def phases_diagram() -> str:
    """A Mermaid state diagram; `failed` and `destroying`, which are open from everywhere, are drawn once."""
    lines = ["```mermaid", "stateDiagram-v2", f"  [*] --> {Phase.REQUESTED}"]
    lines += [f'  state "{phase}" as {_name(phase)}' for phase in Phase if _name(phase) != phase]
    for phase, targets in MOVES.items():
        lines += [
            f"  {_name(phase)} --> {_name(to)}"
            for to in targets
            if to != phase and (to not in _EVERYWHERE or phase in (*_EVERYWHERE, Phase.READY))
        ]
    lines += [f"  {Phase.DESTROYED} --> [*]", "```"]
    return "\n".join(lines)


def phases_table() -> str:
    """From each phase, where it may go."""
    from scripts.generators.blocks import table

    rows = [(f"`{phase}`", ", ".join(f"`{to}`" for to in targets) or "—") for phase, targets in MOVES.items()]
    return table(("From", "To"), rows)


def _name(phase: Phase) -> str:
    return phase.value.replace("-", "_")
