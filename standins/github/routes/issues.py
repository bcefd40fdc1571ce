"""Issues and labels: a pull request is an issue here."""

from __future__ import annotations

from typing import Final

from standins.github import errors
from standins.github.http import Response
from standins.github.operations import pulls as operations
from standins.github.render import issues as render
from standins.github.routing import Call, Routes
from standins.github.state import Label

routes = Routes()
_ISSUE: Final = "/repos/{owner}/{repo}/issues/{number:int}"
_READ: Final = "issues:read|pull_requests:read"
_WRITE: Final = "issues:write|pull_requests:write"


@routes.on("GET", "/repos/{owner}/{repo}/issues", _READ)
def list_issues(call: Call) -> Response:
    state = call.query("state", "open")
    wanted = {name.lower() for name in call.query("labels").split(",") if name}
    chosen = [
        issue
        for issue in call.repository.issues.values()
        if state in ("all", issue.state) and wanted <= {label.name.lower() for label in issue.labels}
    ]
    direction = call.query("direction", "desc")
    chosen.sort(key=lambda issue: (issue.created_at, issue.number), reverse=direction == "desc")
    return call.paged(chosen, lambda issue: render.issue(issue, call.urls))


@routes.on("POST", "/repos/{owner}/{repo}/issues", "issues:write", open_to_readers=True)
def create_issue(call: Call) -> Response:
    title = call.text("title", "Issue")
    issue = operations.open_issue(call.hub, call.repository, title, call.body.get("body"), call.actor)
    names = [one["name"] if isinstance(one, dict) else one for one in call.body.get("labels", [])]
    operations.add_labels(call.hub, issue, names, call.actor)
    return Response(status=201, body=render.full_issue(issue, call.urls))


@routes.on("GET", _ISSUE, _READ)
def get_issue(call: Call) -> Response:
    return Response(body=render.full_issue(call.issue, call.urls))


@routes.on("PATCH", _ISSUE, _WRITE)
def edit_issue(call: Call) -> Response:
    issue, body = call.issue, call.body
    operations.edit(call.hub, issue, title=body.get("title"), body=body.get("body"), actor=call.actor)
    if "labels" in body:
        names = [one["name"] if isinstance(one, dict) else one for one in body["labels"]]
        _replace_labels(call, names)
    if "state" in body:
        operations.set_state(call.hub, issue, body["state"], call.actor)
    return Response(body=render.full_issue(issue, call.urls))


@routes.on("GET", f"{_ISSUE}/events", "issues:read")
def list_events(call: Call) -> Response:
    """Oldest first, and labels only."""
    return call.paged(call.issue.history, lambda one: render.label_event(one, call.repository, call.urls))


@routes.on("GET", f"{_ISSUE}/labels", _READ)
def list_issue_labels(call: Call) -> Response:
    return call.paged(call.issue.labels, lambda label: _label(call, label))


@routes.on("POST", f"{_ISSUE}/labels", _WRITE)
def add_labels(call: Call) -> Response:
    _refuse_new_labels(call, _names(call))
    operations.add_labels(call.hub, call.issue, _names(call), call.actor)
    return Response(body=[_label(call, label) for label in call.issue.labels])


@routes.on("PUT", f"{_ISSUE}/labels", _WRITE)
def set_labels(call: Call) -> Response:
    _replace_labels(call, _names(call))
    return Response(body=[_label(call, label) for label in call.issue.labels])


@routes.on("DELETE", f"{_ISSUE}/labels", _WRITE)
def remove_labels(call: Call) -> Response:
    _replace_labels(call, [])
    return Response(status=204)


@routes.on("DELETE", _ISSUE + "/labels/{name:path}", _WRITE)
def remove_label(call: Call) -> Response:
    operations.remove_label(call.hub, call.issue, call.params["name"], call.actor)
    return Response(body=[_label(call, label) for label in call.issue.labels])


@routes.on("GET", "/repos/{owner}/{repo}/labels", _READ)
def list_labels(call: Call) -> Response:
    return call.paged(call.repository.labels.values(), lambda label: _label(call, label))


@routes.on("POST", "/repos/{owner}/{repo}/labels", _WRITE)
def create_label(call: Call) -> Response:
    label = operations.create_label(
        call.hub,
        call.repository,
        call.text("name", "Label"),
        call.body.get("color") or "ededed",
        call.body.get("description"),
    )
    return Response(status=201, body=_label(call, label))


@routes.on("GET", "/repos/{owner}/{repo}/labels/{name:path}", _READ)
def get_label(call: Call) -> Response:
    label = operations.find_label(call.repository, call.params["name"])
    if label is None:
        raise errors.not_found()
    return Response(body=_label(call, label))


def _refuse_new_labels(call: Call, names: list[str]) -> None:
    """Since April 2025 `pull-requests: write` puts labels that exist, and makes none (actions/labeler#870)."""
    app = call.token is not None and call.token.app is not None
    new = [name for name in names if operations.find_label(call.repository, name) is None]
    if new and app and call.token is not None and call.token.permissions.get("issues") != "write":
        message = "You do not have permission to create labels on this repository."
        problem = {"resource": "Repository", "field": "label", "code": "unauthorized"}
        raise errors.ApiError(403, message, errors=[problem])


def _replace_labels(call: Call, names: list[str]) -> None:
    keep = {name.lower() for name in names}
    for label in [one for one in call.issue.labels if one.name.lower() not in keep]:
        operations.remove_label(call.hub, call.issue, label.name, call.actor)
    operations.add_labels(call.hub, call.issue, names, call.actor)


def _names(call: Call) -> list[str]:
    """GitHub takes an object with `labels`, or the list alone."""
    body = call.request.json()
    labels = body.get("labels", []) if isinstance(body, dict) else body
    return [one["name"] if isinstance(one, dict) else str(one) for one in labels]


def _label(call: Call, label: Label) -> dict[str, object]:
    return render.label(label, call.repository, call.urls)
