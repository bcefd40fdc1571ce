"""Git references and bare commits."""

from __future__ import annotations

from standins.github import errors
from standins.github.gitstore import GitError
from standins.github.http import Response
from standins.github.operations.branches import sync
from standins.github.render import commits as render
from standins.github.routing import Call, Routes

routes = Routes()


@routes.on("GET", "/repos/{owner}/{repo}/git/ref/{ref:path}", "contents:read")
def get_ref(call: Call) -> Response:
    return _told(call, *_existing(call))


@routes.on("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref:rest}", "contents:read")
def list_matching(call: Call) -> Response:
    prefix = f"refs/{call.params['ref']}"
    chosen = [(name, sha) for name, sha in sorted(call.repository.refs.items()) if name.startswith(prefix)]
    return Response(body=[render.ref(*one, call.repository, call.urls) for one in chosen])


@routes.on("POST", "/repos/{owner}/{repo}/git/refs", "contents:write")
def create_ref(call: Call) -> Response:
    name, sha = call.text("ref", "Reference"), call.text("sha", "Reference")
    if not name.startswith("refs/") or name.count("/") < 2:
        raise errors.unprocessable("Reference name must start with 'refs/' and have at least two slashes.")
    if name in call.repository.store.refs():
        raise errors.unprocessable("Reference already exists")
    _move(call, name, sha, "0" * 40)
    return _told(call, name, sha, status=201)


@routes.on("PATCH", "/repos/{owner}/{repo}/git/refs/{ref:path}", "contents:write")
def update_ref(call: Call) -> Response:
    name, old = _existing(call)
    sha = call.text("sha", "Reference")
    forced = bool(call.body.get("force", False))
    if not forced and not call.repository.store.is_ancestor(old, sha):
        raise errors.unprocessable("Update is not a fast forward")
    _move(call, name, sha, old)
    return _told(call, name, sha)


@routes.on("DELETE", "/repos/{owner}/{repo}/git/refs/{ref:path}", "contents:write")
def delete_ref(call: Call) -> Response:
    name = f"refs/{call.params['ref']}"
    if name not in call.repository.store.refs():
        raise errors.unprocessable("Reference does not exist")
    call.repository.store.delete_ref(name)
    sync(call.hub, call.repository, call.actor)
    return Response(status=204)


@routes.on("GET", "/repos/{owner}/{repo}/git/commits/{sha}", "contents:read")
def get_commit(call: Call) -> Response:
    sha = call.params["sha"]
    if call.repository.store.resolve(sha) != sha:
        raise errors.not_found()
    return Response(body=render.git_commit(sha, call.repository, call.urls))


def _existing(call: Call) -> tuple[str, str]:
    name = f"refs/{call.params['ref']}"
    sha = call.repository.store.refs().get(name)
    if sha is None:
        raise errors.not_found()
    return name, sha


def _move(call: Call, name: str, sha: str, old: str) -> None:
    if call.repository.store.resolve(sha) != sha:
        raise errors.unprocessable("Object does not exist")
    try:
        call.repository.store.update_ref(name, sha, old)
    except GitError:
        raise errors.unprocessable("Reference cannot be updated") from None
    sync(call.hub, call.repository, call.actor)


def _told(call: Call, name: str, sha: str, *, status: int = 200) -> Response:
    return Response(status=status, body=render.ref(name, sha, call.repository, call.urls))
