"""Files and directories at a commit."""

from __future__ import annotations

from standins.github import errors
from standins.github.http import Response
from standins.github.render.commits import content, file_content
from standins.github.routing import Call, Routes

routes = Routes()


@routes.on("GET", "/repos/{owner}/{repo}/contents", "contents:read")
@routes.on("GET", "/repos/{owner}/{repo}/contents/{path:rest}", "contents:read")
def get_content(call: Call) -> Response:
    """A directory as a list, a file with its content."""
    repository, path = call.repository, call.params.get("path", "").strip("/")
    named = call.query("ref", repository.default_branch)
    revision = repository.store.resolve(named)
    if revision is None:
        raise errors.ApiError(404, f"No commit found for the ref {named}")
    itself = repository.store.entries(revision, path, inside=False) if path else []
    if path and not itself:
        raise errors.not_found()
    if not path or itself[0].type == "tree":
        entries = repository.store.entries(revision, path, inside=True)
        return Response(body=[content(one, repository, named, call.urls) for one in entries])
    if "raw" in call.request.headers.get("accept", ""):
        headers = {"content-type": "application/vnd.github.raw+json; charset=utf-8"}
        return Response(body=repository.store.blob(itself[0].sha), headers=headers)
    return Response(body=file_content(itself[0], repository, named, call.urls))
