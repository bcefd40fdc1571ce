"""Check runs."""

from __future__ import annotations

from typing import Final

from standins.github import errors
from standins.github.http import Response
from standins.github.operations import checks as operations
from standins.github.render import checks as render
from standins.github.routing import Call, Routes
from standins.github.state import CheckRun

routes = Routes()
_ONE: Final = "/repos/{owner}/{repo}/check-runs/{id:int}"


@routes.on("POST", "/repos/{owner}/{repo}/check-runs", "checks:write")
def create_check_run(call: Call) -> Response:
    run = operations.create(call.hub, call.repository, call.body, call.actor)
    return Response(status=201, body=render.check_run(run, call.repository, call.urls))


@routes.on("GET", _ONE, "checks:read")
def get_check_run(call: Call) -> Response:
    return Response(body=render.check_run(_run(call), call.repository, call.urls))


@routes.on("PATCH", _ONE, "checks:write")
def update_check_run(call: Call) -> Response:
    run = _run(call)
    if call.actor.app is not run.app:
        raise errors.ApiError(
            403, "Invalid app_id - check run can only be modified by the GitHub App that created it."
        )
    operations.change(call.hub, run, call.body)
    return Response(body=render.check_run(run, call.repository, call.urls))


@routes.on("GET", f"{_ONE}/annotations", "checks:read")
def list_annotations(call: Call) -> Response:
    run = _run(call)
    return call.paged(run.annotations, lambda one: render.annotation(one, run, call.repository, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/commits/{ref:path}/check-runs", "checks:read")
def list_for_ref(call: Call) -> Response:
    sha, name = call.revision(call.params["ref"]), call.query("check_name")
    chosen = [
        run
        for run in call.repository.check_runs.values()
        if run.head_sha == sha and (not name or run.name == name)
    ]
    return call.paged(
        chosen,
        lambda run: render.check_run(run, call.repository, call.urls),
        lambda rendered, total: {"total_count": total, "check_runs": rendered},
    )


def _run(call: Call) -> CheckRun:
    found = call.repository.check_runs.get(int(call.params["id"]))
    if found is None:
        raise errors.not_found()
    return found
