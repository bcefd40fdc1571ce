"""Which pull requests get an environment at all."""

from eod.config import Config
from eod.errors import PolicyRefusedError
from eod.model.pull import PullRequest
from eod.model.record import Record


def why_not(config: Config, repository: str, pull: PullRequest) -> str:
    """Why this pull request gets a verdict but no environment; empty when it gets one.

    A plan executes HCL that the author wrote, so code from outside the repository never gets further than the
    verdict.
    """
    if pull.is_from_fork(repository):
        return "The code comes from a fork: it gets a verdict, and no environment, plan or credentials."
    if pull.author == "dependabot[bot]":
        return "Dependabot's runs get no secrets, so there is a verdict and no environment."
    if config.labels.skip in pull.labels:
        return f"The label `{config.labels.skip}` says that this pull request wants no environment."
    if pull.draft and not config.github.drafts:
        return "Draft pull requests get no environment here: mark it ready for review to get one."
    return ""


def refuse_over_limit(config: Config, records: tuple[Record, ...]) -> None:
    """Keep to `limits.environments`.

    Raises:
        PolicyRefusedError: There are as many environments as may be; the message lists them, oldest first.
    """
    limit = config.limits.environments
    if not limit:
        return
    existing = sorted(records, key=lambda record: record.created_at)
    if len(existing) < limit:
        return
    raise PolicyRefusedError(
        f"There are {len(existing)} environments, and `limits.environments` allows {limit}.",
        why="Each environment costs money until its pull request is closed or its time is over.",
        fix="Close a pull request that is done with, or raise the limit. Then re-run the job.",
        detail="\n".join(
            f"{r.environment}  {r.tier}  by {r.owner}  since {r.created_at:%Y-%m-%d}" for r in existing
        ),
    )
