"""Event payloads, in the shape that webhooks and a workflow's `github.event` have."""

from __future__ import annotations

from standins.github.operations.accounts import Actor
from standins.github.render.accounts import organization, simple_user
from standins.github.render.issues import comment as render_comment
from standins.github.render.issues import issue as render_issue
from standins.github.render.issues import label as render_label
from standins.github.render.pulls import event_pull
from standins.github.render.repositories import event_repository
from standins.github.state import AccountType, Comment, Event, Hub, Issue, Json, Label, Pull, Repository
from standins.github.urls import Urls


def urls(hub: Hub) -> Urls:
    """Addresses for what is told outside a request."""
    return Urls(api=f"{hub.url}/api/v3", web=hub.url)


def pull_request(
    hub: Hub, pull: Pull, action: str, actor: Actor, *, label: Label | None = None, before: str | None = None
) -> Json:
    extra: Json = {}
    if label is not None:
        extra["label"] = render_label(label, pull.repository, urls(hub))
    if before is not None:
        extra |= {"before": before, "after": pull.head_sha}
    if action == "edited":
        extra["changes"] = {}
    return {
        "action": action,
        "number": pull.number,
        "pull_request": event_pull(pull, urls(hub)),
        **extra,
        **_common(hub, pull.repository, actor),
    }


def issue_comment(hub: Hub, comment: Comment, action: str, actor: Actor, *, was: str | None = None) -> Json:
    changes = {"changes": {"body": {"from": was}}} if was is not None else {}
    return {
        "action": action,
        **changes,
        "issue": render_issue(comment.issue, urls(hub)),
        "comment": render_comment(comment, urls(hub)),
        **_common(hub, comment.issue.repository, actor),
    }


def schedule(hub: Hub, repository: Repository, cron: str, workflow: str) -> Json:
    """A schedule is no webhook: a workflow alone sees it, with the line that fired."""
    body = _common(hub, repository, None)
    return {"schedule": cron, "workflow": workflow, **body}


def workflow_dispatch(
    hub: Hub, repository: Repository, workflow: str, *, inputs: dict[str, str] | None, ref: str, actor: Actor
) -> Json:
    return {"inputs": inputs, "ref": ref, "workflow": workflow, **_common(hub, repository, actor)}


def _common(hub: Hub, repository: Repository, actor: Actor | None) -> Json:
    body: Json = {"repository": event_repository(repository, urls(hub))}
    if repository.owner.type is AccountType.ORGANIZATION:
        body["organization"] = organization(repository.owner, urls(hub))
    if actor is not None:
        body["sender"] = simple_user(actor.account, urls(hub))
    return body


def record(hub: Hub, name: str, payload: Json, issue: Issue, actor: Actor) -> None:
    """Keep an event; a pull request that conflicts with its base starts no `pull_request` workflow."""
    conflicts = name == "pull_request" and isinstance(issue, Pull) and issue.mergeable is False
    hub.events.append(
        Event(
            name=name,
            action=payload["action"],
            repository=issue.repository.full_name,
            number=issue.number,
            actor=actor.account.login,
            starts_workflows=actor.starts_workflows and not conflicts,
            payload=payload,
        )
    )
