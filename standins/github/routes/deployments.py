"""Deployments, their statuses, environments."""

from __future__ import annotations

from typing import Final

from standins.github import errors
from standins.github.http import Response
from standins.github.operations import deployments as operations
from standins.github.render import deployments as render
from standins.github.routing import Call, Routes
from standins.github.state import Deployment

routes = Routes()
_ALL: Final = "/repos/{owner}/{repo}/deployments"
_ONE: Final = _ALL + "/{id:int}"


@routes.on("GET", _ALL, "deployments:read")
def list_deployments(call: Call) -> Response:
    wanted = {name: call.query(name) for name in ("sha", "ref", "task", "environment") if call.query(name)}
    chosen = [
        one
        for one in call.repository.deployments.values()
        if all(getattr(one, name) == value for name, value in wanted.items())
    ]
    return call.paged(
        sorted(chosen, key=lambda one: -one.id), lambda one: render.deployment(one, call.repository, call.urls)
    )


@routes.on("POST", _ALL, "deployments:write")
def create_deployment(call: Call) -> Response:
    body = call.body
    request = operations.Request(
        ref=call.text("ref", "Deployment"),
        task=body.get("task", "deploy"),
        environment=body.get("environment", "production"),
        payload=body.get("payload", {}),
        description=body.get("description", ""),
        auto_merge=body.get("auto_merge", True),
        required_contexts=body.get("required_contexts"),
        transient=body.get("transient_environment", False),
        production=body.get("production_environment"),
    )
    try:
        deployment = operations.create(call.hub, call.repository, request, call.actor)
    except errors.ApiError as refusal:
        if refusal.status == 202:
            return Response(status=202, body={"message": refusal.message})
        raise
    return Response(status=201, body=render.deployment(deployment, call.repository, call.urls))


@routes.on("GET", _ONE, "deployments:read")
def get_deployment(call: Call) -> Response:
    return Response(body=render.deployment(_deployment(call), call.repository, call.urls))


@routes.on("DELETE", _ONE, "deployments:write")
def delete_deployment(call: Call) -> Response:
    operations.delete(call.repository, _deployment(call))
    return Response(status=204)


@routes.on("GET", f"{_ONE}/statuses", "deployments:read")
def list_statuses(call: Call) -> Response:
    of = _deployment(call)
    return call.paged(
        reversed(of.statuses), lambda one: render.deployment_status(one, of, call.repository, call.urls)
    )


@routes.on("POST", f"{_ONE}/statuses", "deployments:write")
def create_status(call: Call) -> Response:
    of, body = _deployment(call), call.body
    status = operations.add_status(
        call.hub,
        call.repository,
        of,
        state=call.text("state", "DeploymentStatus"),
        actor=call.actor,
        description=body.get("description") or "",
        environment=body.get("environment"),
        environment_url=body.get("environment_url") or "",
        log_url=body.get("log_url") or body.get("target_url") or "",
        auto_inactive=body.get("auto_inactive", True),
    )
    return Response(status=201, body=render.deployment_status(status, of, call.repository, call.urls))


@routes.on("GET", _ONE + "/statuses/{status:int}", "deployments:read")
def get_status(call: Call) -> Response:
    of = _deployment(call)
    for one in of.statuses:
        if one.id == int(call.params["status"]):
            return Response(body=render.deployment_status(one, of, call.repository, call.urls))
    raise errors.not_found()


@routes.on("GET", "/repos/{owner}/{repo}/environments", "actions:read")
def list_environments(call: Call) -> Response:
    return call.paged(
        call.repository.environments.values(),
        lambda one: render.environment(one, call.repository, call.urls),
        lambda rendered, total: {"total_count": total, "environments": rendered},
    )


@routes.on("GET", "/repos/{owner}/{repo}/environments/{name}", "actions:read")
def get_environment(call: Call) -> Response:
    found = call.repository.environments.get(call.params["name"].lower())
    if found is None:
        raise errors.not_found()
    return Response(body=render.environment(found, call.repository, call.urls))


@routes.on("DELETE", "/repos/{owner}/{repo}/environments/{name}", "administration:write")
def delete_environment(call: Call) -> Response:
    operations.delete_environment(call.repository, call.params["name"])
    return Response(status=204)


def _deployment(call: Call) -> Deployment:
    found = call.repository.deployments.get(int(call.params["id"]))
    if found is None:
        raise errors.not_found()
    return found
