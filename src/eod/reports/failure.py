"""An error that ended a run before there was an outcome to report."""

from eod.errors import EodError
from eod.reports.markdown import escape, fence


def failure_summary(error: EodError) -> str:
    """What happened, why, and what to do, for the job summary."""
    parts = ["## Environment on demand: failed", f"**{escape(error.what)}**"]
    if error.where:
        parts.append(f"At {escape(error.where)}")
    if error.detail:
        parts.append(fence(error.detail))
    if error.why:
        parts.append(f"**Why:** {escape(error.why)}")
    if error.fix:
        parts.append(f"**What to do:** {escape(error.fix)}")
    return "\n\n".join(parts) + "\n"
