"""Check runs."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

from standins.github import errors
from standins.github.operations.accounts import Actor
from standins.github.state import CheckRun, Hub, Json, Repository

_MAX_ANNOTATIONS: Final = 50  # in one request
_MAX_TEXT: Final = 65_535


def create(hub: Hub, repository: Repository, body: Json, actor: Actor) -> CheckRun:
    """Only an app may: a user's token is refused."""
    if actor.app is None:
        raise errors.ApiError(HTTPStatus.FORBIDDEN, "You must authenticate via a GitHub App.")
    for name in ("name", "head_sha"):
        if not body.get(name):
            raise errors.missing_field("CheckRun", name)
    if repository.store.resolve(body["head_sha"]) is None:
        raise errors.unprocessable(f"No commit found for SHA: {body['head_sha']}")
    run = CheckRun(
        id=hub.new_id("check run"),
        app=actor.app,
        name=body["name"],
        head_sha=body["head_sha"],
        status="queued",
        conclusion=None,
        external_id="",
        details_url=None,
        started_at=hub.now(),
        completed_at=None,
    )
    change(hub, run, body)
    repository.check_runs[run.id] = run
    return run


def change(hub: Hub, run: CheckRun, body: Json) -> None:
    output = body.get("output") or {}
    annotations = output.get("annotations", [])
    if len(annotations) > _MAX_ANNOTATIONS:
        raise errors.unprocessable(f"Invalid request.\n\nNo more than {_MAX_ANNOTATIONS} items are allowed.")
    for part in ("summary", "text"):
        if len(output.get(part) or "") > _MAX_TEXT:
            message = f"{part} exceeds a maximum bytesize of {_MAX_TEXT}"
            raise errors.invalid("CheckRun", part, message)
    run.name = body.get("name", run.name)
    run.external_id = body.get("external_id", run.external_id)
    run.details_url = body.get("details_url", run.details_url)
    run.status = body.get("status", run.status)
    run.started_at = _moment(body.get("started_at"), run.started_at)
    if body.get("conclusion"):
        run.status, run.conclusion = "completed", body["conclusion"]
        run.completed_at = _moment(body.get("completed_at"), hub.now())
    run.title = output.get("title", run.title)
    run.summary = output.get("summary", run.summary)
    run.text = output.get("text", run.text)
    run.annotations.extend(annotations)  # an update adds to what is there


def _moment(text: str | None, otherwise: datetime | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else otherwise
