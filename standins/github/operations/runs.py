"""Workflow runs."""

from __future__ import annotations

from standins.github.operations.accounts import Actor
from standins.github.state import Hub, Pull, Repository, WorkflowRun


def start(
    hub: Hub,
    repository: Repository,
    *,
    event: str,
    head_sha: str,
    head_branch: str | None,
    path: str,
    name: str,
    actor: Actor,
    pull: Pull | None = None,
) -> WorkflowRun:
    run = WorkflowRun(
        id=hub.new_id("run"),
        number=1 + sum(other.path == path for other in repository.runs.values()),
        name=name,
        path=path,
        event=event,
        head_branch=head_branch,
        head_sha=head_sha,
        status="in_progress",
        actor=actor.account,
        pull=pull,
        created_at=hub.now(),
        updated_at=hub.now(),
    )
    repository.runs[run.id] = run
    return run


def finish(hub: Hub, run: WorkflowRun, conclusion: str) -> None:
    run.status, run.conclusion, run.updated_at = "completed", conclusion, hub.now()
