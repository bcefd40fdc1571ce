"""Comments and reactions."""

from __future__ import annotations

from typing import Final

from standins.github import errors
from standins.github.operations import events
from standins.github.operations.accounts import Actor
from standins.github.state import Comment, Hub, Issue, Reaction

MAX_BODY: Final = 65_536  # characters; GitHub refuses more


def create(hub: Hub, issue: Issue, body: str, actor: Actor) -> Comment:
    _check(body)
    comment = Comment(
        id=hub.new_id("comment"),
        issue=issue,
        user=actor.account,
        app=actor.app,
        body=body,
        created_at=hub.now(),
        updated_at=hub.now(),
    )
    issue.comments.append(comment)
    issue.repository.comments[comment.id] = comment
    issue.updated_at = hub.now()
    _tell(hub, comment, "created", actor)
    return comment


def edit(hub: Hub, comment: Comment, body: str, actor: Actor) -> None:
    _check(body)
    was, comment.body, comment.updated_at = comment.body, body, hub.now()
    _tell(hub, comment, "edited", actor, was=was)


def delete(hub: Hub, comment: Comment, actor: Actor) -> None:
    comment.issue.comments.remove(comment)
    del comment.issue.repository.comments[comment.id]
    _tell(hub, comment, "deleted", actor)


def react(hub: Hub, comment: Comment, content: str, actor: Actor) -> tuple[Reaction, bool]:
    """A reaction, and whether it is new: the same one twice is told again, not made again."""
    for known in comment.reactions:
        if known.user is actor.account and known.content == content:
            return known, False
    reaction = Reaction(id=hub.new_id("reaction"), user=actor.account, content=content, created_at=hub.now())
    comment.reactions.append(reaction)
    return reaction, True


def _check(body: str) -> None:
    if not body.strip():
        raise errors.missing_field("IssueComment", "body")
    if len(body) > MAX_BODY:
        message = f"Body is too long (maximum is {MAX_BODY} characters)"
        raise errors.invalid("IssueComment", "data", message, code="unprocessable")


def _tell(hub: Hub, comment: Comment, action: str, actor: Actor, *, was: str | None = None) -> None:
    payload = events.issue_comment(hub, comment, action, actor, was=was)
    events.record(hub, "issue_comment", payload, comment.issue, actor)
