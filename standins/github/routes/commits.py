"""Commits, what lies between two, and their statuses."""

from __future__ import annotations

from standins.github import errors
from standins.github.diffs import changes
from standins.github.http import Response
from standins.github.render import commits as render
from standins.github.render.pulls import diff_entry
from standins.github.routing import Call, Routes
from standins.github.state import CommitStatus

routes = Routes()
_MAX_FILES = 300  # in a comparison, on its first page
_STATES = ("error", "failure", "pending", "success")


@routes.on("GET", "/repos/{owner}/{repo}/commits/{ref:path}/statuses", "statuses:read")
def list_statuses(call: Call) -> Response:
    sha = call.revision(call.params["ref"])
    chosen = [one for one in reversed(call.repository.statuses) if one.sha == sha]
    return call.paged(chosen, lambda one: render.status(one, call.repository, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/commits/{ref:path}/status", "statuses:read")
def get_combined_status(call: Call) -> Response:
    sha = call.revision(call.params["ref"])
    chosen = [one for one in call.repository.statuses if one.sha == sha]
    return Response(body=render.combined_status(sha, chosen, call.repository, call.urls))


@routes.on("POST", "/repos/{owner}/{repo}/statuses/{sha}", "statuses:write")
def create_status(call: Call) -> Response:
    sha, state = call.params["sha"], call.text("state", "Status")
    if state not in _STATES:
        raise errors.invalid("Status", "state", "state is not included in the list")
    if call.repository.store.resolve(sha) != sha:
        raise errors.unprocessable(f"No commit found for SHA: {sha}")
    status = CommitStatus(
        id=call.hub.new_id("status"),
        sha=sha,
        state=state,
        context=call.body.get("context", "default"),
        description=call.body.get("description"),
        target_url=call.body.get("target_url"),
        creator=call.actor.account,
        created_at=call.hub.now(),
    )
    call.repository.statuses.append(status)
    return Response(status=201, body=render.status(status, call.repository, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/commits", "contents:read")
def list_commits(call: Call) -> Response:
    start = call.query("sha", call.repository.default_branch)
    sha = call.repository.store.resolve(start)
    if sha is None:
        raise errors.not_found()
    where = ["--", call.query("path")] if call.query("path") else []
    shas = call.repository.store.log(sha, *where)
    return call.paged(shas, lambda one: render.commit(one, call.repository, call.hub, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/commits/{ref:path}", "contents:read")
def get_commit(call: Call) -> Response:
    sha = call.revision(call.params["ref"])
    return Response(body=render.full_commit(sha, call.repository, call.hub, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/compare/{basehead:path}", "contents:read")
def compare(call: Call) -> Response:
    base_name, separator, head_name = call.params["basehead"].partition("...")
    store = call.repository.store
    base, head = store.resolve(base_name), store.resolve(head_name)
    common = store.merge_base(base, head) if base and head else None
    if not separator or base is None or head is None or common is None:
        raise errors.not_found()
    ahead, behind = store.log("--reverse", f"{base}..{head}"), store.count(f"{head}..{base}")
    status = "identical" if base == head else "ahead" if not behind else "behind" if not ahead else "diverged"
    web = f"{call.urls.repository_web(call.repository)}/compare/{base_name}...{head_name}"

    def commit(sha: str) -> dict[str, object]:
        return render.commit(sha, call.repository, call.hub, call.urls)

    return Response(
        body={
            "url": f"{call.urls.repository(call.repository)}/compare/{base_name}...{head_name}",
            "html_url": web,
            "permalink_url": f"{call.urls.repository_web(call.repository)}/compare/{base[:7]}...{head[:7]}",
            "diff_url": f"{web}.diff",
            "patch_url": f"{web}.patch",
            "base_commit": commit(base),
            "merge_base_commit": commit(common),
            "status": status,
            "ahead_by": len(ahead),
            "behind_by": behind,
            "total_commits": len(ahead),
            "commits": [commit(sha) for sha in ahead],
            "files": [
                diff_entry(file, call.repository, head, call.urls)
                for file in changes(store, base, head)[:_MAX_FILES]
            ],
        }
    )
