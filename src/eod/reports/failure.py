"""An error that ended a run before there was an outcome to report."""

from datetime import datetime

from eod.errors import EodError
from eod.model.outcome import Outcome
from eod.model.pull import PullRequest
from eod.model.record import Failure
from eod.reports.markdown import escape, fence, prose


def failure_summary(error: EodError) -> str:
    """What happened, why, and what to do, for the job summary."""
    parts = ["## Environment on demand: failed", f"**{prose(error.what)}**"]
    if error.where:
        parts.append(f"At {escape(error.where)}")
    if error.detail:
        parts.append(fence(error.detail))
    if error.why:
        parts.append(f"**Why:** {prose(error.why)}")
    if error.fix:
        parts.append(f"**What to do:** {prose(error.fix)}")
    return "\n\n".join(parts) + "\n"


def failure_outcome(
    error: EodError, pull: PullRequest, *, repository: str, run_url: str, now: datetime
) -> Outcome:
    """What the comment on `pull` is rendered from; what its environment is called is in the configuration."""
    what = f"{error.where}: {error.what}" if error.where else error.what
    detail = f"{what}\n{error.detail}" if error.detail else what
    return Outcome(
        command="up",
        environment="",
        repository=repository,
        pull=pull,
        pr_number=pull.number,
        owner=pull.author,
        started_at=now,
        finished_at=now,
        failure=Failure(step="configuration", what=detail, why=error.why, fix=error.fix, at=now),
        run_url=run_url,
        head_sha=pull.head_sha,
    )
