"""Workflow runs."""

from __future__ import annotations

from standins.github.render.accounts import simple_user
from standins.github.render.commits import simple_commit
from standins.github.render.common import node_id, timestamp
from standins.github.render.pulls import minimal_pull
from standins.github.render.repositories import minimal_repository
from standins.github.state import Json, Repository, WorkflowRun
from standins.github.urls import Urls


def workflow_run(one: WorkflowRun, repository: Repository, urls: Urls) -> Json:
    url = f"{urls.repository(repository)}/actions/runs/{one.id}"
    head = (one.pull.head_repository if one.pull else None) or repository
    actor = simple_user(one.actor, urls)
    return {
        "id": one.id,
        "name": one.name,
        "node_id": node_id("WorkflowRun", one.id),
        "head_branch": one.head_branch,
        "head_sha": one.head_sha,
        "path": one.path,
        "display_title": one.pull.title if one.pull else one.name,
        "run_number": one.number,
        "event": one.event,
        "status": one.status,
        "conclusion": one.conclusion,
        "workflow_id": workflow_id(one.path),
        "check_suite_id": one.id,
        "check_suite_node_id": node_id("CheckSuite", one.id),
        "url": url,
        "html_url": f"{urls.repository_web(repository)}/actions/runs/{one.id}",
        "pull_requests": [minimal_pull(one.pull, urls)] if one.pull else [],
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "actor": actor,
        "run_attempt": one.attempt,
        "referenced_workflows": [],
        "run_started_at": timestamp(one.created_at),
        "triggering_actor": actor,
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{urls.repository(repository)}/check-suites/{one.id}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{urls.repository(repository)}/actions/workflows/{workflow_id(one.path)}",
        "head_commit": simple_commit(repository.store.commit(one.head_sha)),
        "repository": minimal_repository(repository, urls),
        "head_repository": minimal_repository(head, urls),
    }


def workflow_id(path: str) -> int:
    """A number that stays the same for the same workflow file."""
    return 1_000_000 + sum(ord(letter) * (place + 1) for place, letter in enumerate(path))
