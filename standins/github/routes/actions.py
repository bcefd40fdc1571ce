"""Workflow runs, and what workflows may do by default."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from standins.github import errors
from standins.github.http import NEWEST_VERSION, Response
from standins.github.operations import branches, events
from standins.github.operations import runs as operations
from standins.github.render import runs as render
from standins.github.routing import Call, Routes
from standins.github.state import Event, WorkflowRun

routes = Routes()
_ACTIONS: Final = "/repos/{owner}/{repo}/actions"


@routes.on("GET", f"{_ACTIONS}/runs", "actions:read")
def list_runs(call: Call) -> Response:
    return _listed(call, list(call.repository.runs.values()))


@routes.on("GET", _ACTIONS + "/workflows/{workflow}/runs", "actions:read")
def list_runs_of_workflow(call: Call) -> Response:
    chosen = [one for one in call.repository.runs.values() if _is(one.path, call.params["workflow"])]
    return _listed(call, chosen)


def _is(path: str, workflow: str) -> bool:
    return workflow in (PurePosixPath(path).name, str(render.workflow_id(path)))


def _listed(call: Call, runs: list[WorkflowRun]) -> Response:
    status = call.query("status")
    wanted = {
        "event": call.query("event"),
        "head_branch": call.query("branch"),
        "head_sha": call.query("head_sha"),
    }
    chosen = [
        one
        for one in sorted(runs, key=lambda one: -one.id)
        if (not status or status in (one.status, one.conclusion))
        and all(not value or getattr(one, name) == value for name, value in wanted.items())
    ]
    return call.paged(
        chosen,
        lambda one: render.workflow_run(one, call.repository, call.urls),
        lambda rendered, total: {"total_count": total, "workflow_runs": rendered},
    )


@routes.on("GET", _ACTIONS + "/runs/{id:int}", "actions:read")
def get_run(call: Call) -> Response:
    return Response(body=render.workflow_run(_run(call), call.repository, call.urls))


@routes.on("POST", _ACTIONS + "/runs/{id:int}/cancel", "actions:write")
def cancel_run(call: Call) -> Response:
    run = _run(call)
    if run.status == "completed":
        raise errors.ApiError(409, "Cannot cancel a workflow run that is completed.")
    operations.finish(call.hub, run, "cancelled")
    return Response(status=202, body={})


@routes.on("POST", _ACTIONS + "/workflows/{workflow}/dispatches", "actions:write")
def dispatch(call: Call) -> Response:
    """The newer version of the API tells which run it made; the older one says nothing."""
    ref = call.text("ref", "WorkflowDispatch")
    sha = branches.tip(call.repository, ref.removeprefix("refs/heads/"))
    if sha is None:
        raise errors.unprocessable(f"No ref found for: {ref}")
    workflow = call.params["workflow"]
    path = f".github/workflows/{workflow}"
    run = operations.start(
        call.hub,
        call.repository,
        event="workflow_dispatch",
        head_sha=sha,
        head_branch=ref.removeprefix("refs/heads/"),
        path=path,
        name=workflow,
        actor=call.actor,
    )
    full = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    inputs = call.body.get("inputs")
    payload = events.workflow_dispatch(call.hub, call.repository, path, inputs=inputs, ref=full, actor=call.actor)
    call.hub.events.append(
        Event(
            name="workflow_dispatch",
            action=None,
            repository=call.repository.full_name,
            number=None,
            actor=call.actor.account.login,
            starts_workflows=True,  # the one event that GITHUB_TOKEN may cause
            payload=payload,
        )
    )
    if call.request.version != NEWEST_VERSION:
        return Response(status=204)
    told = render.workflow_run(run, call.repository, call.urls)
    return Response(body={"workflow_run_id": run.id, "run_url": told["url"], "html_url": told["html_url"]})


@routes.on("GET", f"{_ACTIONS}/permissions/workflow", "administration:read", signed_in=True)
def get_workflow_permissions(call: Call) -> Response:
    return Response(
        body={
            "default_workflow_permissions": call.repository.workflow_permissions,
            "can_approve_pull_request_reviews": call.repository.workflows_approve_reviews,
        }
    )


@routes.on("PUT", f"{_ACTIONS}/permissions/workflow", "administration:write")
def set_workflow_permissions(call: Call) -> Response:
    repository, body = call.repository, call.body
    repository.workflow_permissions = body.get("default_workflow_permissions", repository.workflow_permissions)
    repository.workflows_approve_reviews = body.get(
        "can_approve_pull_request_reviews", repository.workflows_approve_reviews
    )
    return Response(status=204)


def _run(call: Call) -> WorkflowRun:
    found = call.repository.runs.get(int(call.params["id"]))
    if found is None:
        raise errors.not_found()
    return found
