"""The event file of a workflow run (`GITHUB_EVENT_PATH`) as typed data.

Shapes: https://docs.github.com/webhooks/webhook-events-and-payloads. Only the fields that are used are named;
whatever else a payload holds is ignored.
"""

from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct, field

from eod.errors import UsageError
from eod.model.event import Event
from eod.model.people import Comment
from eod.model.pull import PullRequest


class _Account(Struct, frozen=True):
    login: str
    type: str = ""


class _Repository(Struct, frozen=True):
    full_name: str


class _Side(Struct, frozen=True):
    sha: str
    ref: str
    repo: _Repository | None = None


class _Label(Struct, frozen=True):
    name: str


class _Pull(Struct, frozen=True):
    number: int
    title: str
    html_url: str
    state: str
    head: _Side
    base: _Side
    user: _Account | None = None
    draft: bool = False
    merged: bool | None = False
    labels: tuple[_Label, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None


class _Issue(Struct, frozen=True):
    number: int
    pull_request: dict[str, object] | None = None


class _Comment(Struct, frozen=True):
    body: str | None = None
    user: _Account | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class _Changes(Struct, frozen=True):
    base: dict[str, object] | None = None


class _Payload(Struct, frozen=True):
    action: str = ""
    repository: _Repository | None = None
    sender: _Account | None = None
    pull_request: _Pull | None = None
    issue: _Issue | None = None
    comment: _Comment | None = None
    label: _Label | None = None
    schedule: str = ""
    changes: _Changes = field(default_factory=_Changes)


def read_event(name: str, path: Path) -> Event:
    """Read the event that started this run.

    Args:
        name: `GITHUB_EVENT_NAME`.
        path: `GITHUB_EVENT_PATH`.

    Raises:
        UsageError: The file is missing or does not look like that event.
    """
    try:
        payload = msgspec.json.decode(path.read_bytes(), type=_Payload)
    except OSError as error:
        raise UsageError(
            f"The event file of this {name} run cannot be read: {error.strerror}.",
            why="Outside GitHub Actions there is no event to follow.",
            fix="Say what to do: `command` and `pr-number` as inputs, or `eod up --pr NUMBER`.",
            where=str(path),
        ) from error
    except msgspec.DecodeError as error:
        raise UsageError(
            f"The event file does not hold a {name} event: {error}.",
            why="It was cut short, or written by something other than the runner.",
            fix="Re-run the workflow; when testing by hand, pass a complete webhook payload.",
            where=str(path),
        ) from error
    _require_pull(name, payload, path)
    return Event(
        name=name,
        action=payload.action,
        repository=payload.repository.full_name if payload.repository else "",
        actor=payload.sender.login if payload.sender else "",
        pull=_pull(payload.pull_request) if payload.pull_request else None,
        commented_pull=payload.issue.number if payload.issue and payload.issue.pull_request else None,
        comment=_comment(payload.comment) if payload.comment and payload.issue else None,
        label=payload.label.name if payload.label else "",
        schedule=payload.schedule,
        base_changed=payload.changes.base is not None,
    )


def _require_pull(name: str, payload: _Payload, path: Path) -> None:
    if name in {"pull_request", "pull_request_target"} and payload.pull_request is None:
        raise UsageError(
            f"The event file does not hold a {name} event: `pull_request` is missing.",
            fix="Re-run the workflow; when testing by hand, pass a complete webhook payload.",
            where=str(path),
        )


def _comment(comment: _Comment) -> Comment:
    return Comment(
        body=comment.body or "",
        by=comment.user.login if comment.user else "",
        at=comment.created_at,
        person=comment.user is not None and comment.user.type == "User",
        edited=comment.updated_at != comment.created_at,
    )


def _pull(pull: _Pull) -> PullRequest:
    return PullRequest(
        number=pull.number,
        title=pull.title,
        url=pull.html_url,
        author=pull.user.login if pull.user else "",
        open=pull.state == "open",
        merged=bool(pull.merged),
        draft=pull.draft,
        head_sha=pull.head.sha,
        head_ref=pull.head.ref,
        head_repository=pull.head.repo.full_name if pull.head.repo else None,
        base_sha=pull.base.sha,
        base_ref=pull.base.ref,
        labels=tuple(label.name for label in pull.labels),
        created_at=pull.created_at,
        updated_at=pull.updated_at,
    )
