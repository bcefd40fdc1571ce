"""Before each change of `up`: is the pull request still open, and is this still the commit that is wanted?"""

from eod.config import ArgoCdMode
from eod.errors import SupersededError
from eod.lifecycle.case import Case
from eod.lifecycle.rooms import Rooms
from eod.model.pull import PullRequest


class ClosedMeanwhile(Exception):  # noqa: N818  # not an error: the run turns into a teardown
    """The pull request was closed while its environment was being made."""


class NewerHead(Exception):  # noqa: N818  # not an error: the run begins anew with that commit
    """A commit that no other run provides was pushed before the plan for ours was applied."""


def guard_head(case: Case) -> None:
    """Before Terraform changes anything: a plan for an older head is never applied, whoever pushed.

    Raises:
        ClosedMeanwhile: The pull request is closed.
        SupersededError: A newer commit has a run of its own.
        NewerHead: A newer commit has none.
    """
    fresh = guard(case)
    if fresh.head_sha != case.pull.head_sha:
        raise NewerHead(_pushed_without_run(case, fresh))


def guard_delivery(case: Case) -> None:
    """Once its cloud resources are made, the application is brought up at the same commit.

    Raises:
        ClosedMeanwhile: The pull request is closed.
        SupersededError: A newer commit has a run of its own.
    """
    fresh = guard(case)
    if fresh.head_sha != case.pull.head_sha:
        newer, ours = fresh.head_sha[:7], case.pull.head_sha[:7]
        case.journey.notice(
            f"{_pushed_without_run(case, fresh)}: this environment is at {ours}. "
            f"Re-run this job to bring it to {newer}."
        )


def guard(case: Case) -> PullRequest:
    """Before each change: is the pull request still open, and is this still the commit that is wanted?

    Returns:
        The pull request as it is now; its head is another only where that commit has no run of its own.

    Raises:
        ClosedMeanwhile: The pull request is closed.
        SupersededError: A newer commit has a run of its own.
    """
    fresh = guard_open(case)
    if fresh.head_sha == case.pull.head_sha:
        return fresh
    newer, ours = fresh.head_sha[:7], case.pull.head_sha[:7]
    generated = case.config.argocd.mode is ArgoCdMode.APPLICATION_SET  # at the newer commit, whatever we wait for
    if not generated and not does_the_work(case.rooms, fresh.head_sha):
        return fresh
    raise SupersededError(
        f"Stopped: {newer} was pushed while {ours} was being provisioned. Its own run goes on from here; "
        "if it has none (a push with GITHUB_TOKEN starts none), re-run this job.",
        why="Every push by a person or an App starts a run of its own.",
        fix="Nothing to do where the newer commit has a run; else re-run this job.",
    )


def guard_open(case: Case) -> PullRequest:
    """Also after the last change: a pull request that was closed meanwhile must not keep its environment.

    Raises:
        ClosedMeanwhile: The pull request is closed.
    """
    fresh = case.rooms.forge.pull_request(case.pull.number)
    if not fresh.open:
        raise ClosedMeanwhile
    return fresh


def does_the_work(rooms: Rooms, newer: str) -> bool:
    """Whether a newer commit has a run of its own: a push by `GITHUB_TOKEN` starts none.

    Where that cannot be told, it probably has one, unless a person started this run once more.
    """
    has_run = rooms.forge.has_run_for(newer, rooms.workflow) if rooms.workflow else None
    return rooms.run.attempt == 1 if has_run is None else has_run


def _pushed_without_run(case: Case, fresh: PullRequest) -> str:
    newer, ours = fresh.head_sha[:7], case.pull.head_sha[:7]
    return f"{newer} was pushed after {ours} and started no run, as a push with GITHUB_TOKEN starts none"
