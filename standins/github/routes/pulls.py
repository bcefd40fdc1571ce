"""Pull requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from standins.github import errors
from standins.github.diffs import changes
from standins.github.http import Response
from standins.github.operations import pulls as operations
from standins.github.render import commits as render_commits
from standins.github.render import pulls as render
from standins.github.routing import Call, Routes
from standins.github.state import Pull, Repository

routes = Routes()
MAX_FILES: Final = 3000  # GitHub lists no more, however large the change
MAX_COMMITS: Final = 250


@routes.on("GET", "/repos/{owner}/{repo}/pulls", "pull_requests:read")
def list_pulls(call: Call) -> Response:
    state, head, base = call.query("state", "open"), call.query("head"), call.query("base")
    chosen = [
        pull
        for pull in call.repository.pulls
        if state in ("all", pull.state)
        and (not head or head == f"{pull.head_owner.login}:{pull.head_ref}")
        and (not base or base == pull.base_ref)
    ]
    sort = call.query("sort", "created")
    direction = call.query("direction", "desc" if sort == "created" else "asc")
    chosen.sort(key=_order(sort), reverse=direction == "desc")
    return call.paged(chosen, lambda pull: render.simple_pull(pull, call.urls))


def _order(sort: str) -> Callable[[Pull], Any]:
    if sort == "updated":
        return lambda pull: (pull.updated_at, pull.number)
    if sort == "popularity":
        return lambda pull: (len(pull.comments), pull.number)
    return lambda pull: (pull.created_at, pull.number)


@routes.on("POST", "/repos/{owner}/{repo}/pulls", "pull_requests:write", open_to_readers=True)
def create_pull(call: Call) -> Response:
    source, ref = _head(call, call.text("head", "PullRequest"))
    pull = operations.open_pull(
        call.hub,
        call.repository,
        title=call.text("title", "PullRequest"),
        body=call.body.get("body"),
        head_repository=source,
        head_ref=ref,
        base_ref=call.text("base", "PullRequest"),
        draft=bool(call.body.get("draft", False)),
        actor=call.actor,
    )
    return Response(status=201, body=render.pull(pull, call.urls))


def _head(call: Call, head: str) -> tuple[Repository, str]:
    """`branch`, or `owner:branch` of a fork."""
    owner, separator, ref = head.rpartition(":")
    if not separator or owner.lower() == call.repository.owner.login.lower():
        return call.repository, ref
    for one in call.hub.repositories.values():
        if one.parent is call.repository and one.owner.login.lower() == owner.lower():
            return one, ref
    raise errors.invalid("PullRequest", "head", "head is invalid", code="invalid")


@routes.on("GET", "/repos/{owner}/{repo}/pulls/{number:int}", "pull_requests:read")
def get_pull(call: Call) -> Response:
    if "diff" in call.request.headers.get("accept", ""):
        pull = call.pull
        text = pull.repository.store.git("diff", f"{pull.base_sha}...{pull.head_sha}")
        return Response(body=text, headers={"content-type": "application/vnd.github.diff; charset=utf-8"})
    return Response(body=render.pull(call.pull, call.urls))


@routes.on("PATCH", "/repos/{owner}/{repo}/pulls/{number:int}", "pull_requests:write")
def edit_pull(call: Call) -> Response:
    pull, body = call.pull, call.body
    operations.edit(call.hub, pull, title=body.get("title"), body=body.get("body"), actor=call.actor)
    if "base" in body:
        operations.change_base(call.hub, pull, body["base"], call.actor)
    if "state" in body:
        operations.set_state(call.hub, pull, body["state"], call.actor)
    return Response(body=render.pull(pull, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/pulls/{number:int}/files", "pull_requests:read")
def list_files(call: Call) -> Response:
    pull = call.pull
    files = changes(pull.repository.store, pull.base_sha, pull.head_sha)[:MAX_FILES]
    return call.paged(files, lambda file: render.diff_entry(file, call.repository, pull.head_sha, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/pulls/{number:int}/commits", "pull_requests:read")
def list_commits(call: Call) -> Response:
    pull = call.pull
    shas = pull.repository.store.log("--reverse", f"{pull.base_sha}..{pull.head_sha}")[:MAX_COMMITS]
    return call.paged(shas, lambda sha: render_commits.commit(sha, call.repository, call.hub, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/pulls/{number:int}/reviews", "pull_requests:read")
def list_reviews(call: Call) -> Response:
    pull = call.pull
    return call.paged(pull.reviews, lambda review: render.review(review, pull, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/pulls/{number:int}/merge", "pull_requests:read")
def is_merged(call: Call) -> Response:
    if not call.pull.merged:
        raise errors.not_found()
    return Response(status=204)


@routes.on("PUT", "/repos/{owner}/{repo}/pulls/{number:int}/merge", "contents:write")
def merge(call: Call) -> Response:
    pull, body = call.pull, call.body
    if body.get("sha") not in (None, pull.head_sha):
        raise errors.ApiError(409, "Head branch was modified. Review and try the merge again.")
    sha = operations.merge(
        call.hub,
        pull,
        call.actor,
        method=body.get("merge_method", "merge"),
        title=body.get("commit_title"),
    )
    return Response(body={"sha": sha, "merged": True, "message": "Pull Request successfully merged"})
