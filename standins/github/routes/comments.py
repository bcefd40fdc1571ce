"""Comments on issues and pull requests, and reactions to them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from standins.github import errors
from standins.github.http import Response
from standins.github.operations import accounts
from standins.github.operations import comments as operations
from standins.github.render import issues as render
from standins.github.routing import Call, Routes
from standins.github.state import Comment

routes = Routes()
_OF_ISSUE: Final = "/repos/{owner}/{repo}/issues/{number:int}/comments"
_ONE: Final = "/repos/{owner}/{repo}/issues/comments/{id:int}"
_READ: Final = "issues:read|pull_requests:read"
_WRITE: Final = "issues:write|pull_requests:write"
_CONTENTS: Final = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


@routes.on("GET", _OF_ISSUE, _READ)
def list_comments(call: Call) -> Response:
    chosen = call.issue.comments
    if since := call.query("since"):
        moment = datetime.fromisoformat(since)
        chosen = [comment for comment in chosen if comment.updated_at >= moment]
    return call.paged(chosen, lambda comment: render.comment(comment, call.urls))


@routes.on("POST", _OF_ISSUE, _WRITE, open_to_readers=True)
def create_comment(call: Call) -> Response:
    comment = operations.create(call.hub, call.issue, call.text("body", "IssueComment"), call.actor)
    return Response(status=201, body=render.comment(comment, call.urls))


@routes.on("GET", _ONE, _READ)
def get_comment(call: Call) -> Response:
    return Response(body=render.comment(_comment(call), call.urls))


@routes.on("PATCH", _ONE, _WRITE, open_to_readers=True)
def edit_comment(call: Call) -> Response:
    comment = _own(call)
    operations.edit(call.hub, comment, call.text("body", "IssueComment"), call.actor)
    return Response(body=render.comment(comment, call.urls))


@routes.on("DELETE", _ONE, _WRITE, open_to_readers=True)
def delete_comment(call: Call) -> Response:
    operations.delete(call.hub, _own(call), call.actor)
    return Response(status=204)


@routes.on("GET", f"{_ONE}/reactions", _READ)
def list_reactions(call: Call) -> Response:
    return call.paged(_comment(call).reactions, lambda reaction: render.reaction(reaction, call.urls))


@routes.on("POST", f"{_ONE}/reactions", _WRITE, open_to_readers=True)
def react(call: Call) -> Response:
    content = call.text("content", "Reaction")
    if content not in _CONTENTS:
        raise errors.invalid("Reaction", "content", "content is not included in the list")
    reaction, new = operations.react(call.hub, _comment(call), content, call.actor)
    return Response(status=201 if new else 200, body=render.reaction(reaction, call.urls))


def _comment(call: Call) -> Comment:
    found = call.repository.comments.get(int(call.params["id"]))
    if found is None:
        raise errors.not_found()
    return found


def _own(call: Call) -> Comment:
    """A comment that the caller may change: apps and maintainers any, others their own."""
    comment, actor = _comment(call), call.actor
    trusted = actor.app is not None or accounts.has_role(actor.account, call.repository, "write")
    if not trusted and comment.user is not actor.account:
        raise errors.ApiError(403, "Must have admin rights to Repository.")
    return comment
