"""Repositories, their branches and collaborators."""

from __future__ import annotations

from standins.github import errors
from standins.github.http import Response
from standins.github.operations import accounts
from standins.github.render import commits as render
from standins.github.render.accounts import collaborator
from standins.github.render.repositories import full_repository
from standins.github.routing import Call, Routes

routes = Routes()
_HEADS = "refs/heads/"


@routes.on("GET", "/repos/{owner}/{repo}", "metadata:read")
def get_repository(call: Call) -> Response:
    return Response(body=full_repository(call.repository, call.urls, _role(call)))


def _role(call: Call) -> str:
    if call.token is None:
        return "read"
    if call.token.app is not None:
        return "write" if accounts.may_push(call.token, call.repository) else "read"
    return accounts.role(call.token.account, call.repository)


@routes.on("GET", "/repos/{owner}/{repo}/collaborators/{login}/permission", "metadata:read", signed_in=True)
def get_permission(call: Call) -> Response:
    account = call.hub.accounts.get(call.params["login"].lower())
    if account is None:
        raise errors.ApiError(404, f"{call.params['login']} is not a user")
    role = accounts.role(account, call.repository)
    coarse = {"triage": "read", "maintain": "write"}.get(role, role)
    user = collaborator(account, role, call.urls)
    return Response(body={"permission": coarse, "role_name": role, "user": user})


@routes.on("GET", "/repos/{owner}/{repo}/branches", "contents:read")
def list_branches(call: Call) -> Response:
    heads = sorted(
        (name.removeprefix(_HEADS), sha) for name, sha in call.repository.refs.items() if name.startswith(_HEADS)
    )
    return call.paged(heads, lambda one: render.short_branch(one[0], one[1], call.repository, call.urls))


@routes.on("GET", "/repos/{owner}/{repo}/branches/{branch:path}", "contents:read")
def get_branch(call: Call) -> Response:
    name = call.params["branch"]
    sha = call.repository.refs.get(_HEADS + name)
    if sha is None:
        raise errors.ApiError(404, "Branch not found")
    return Response(body=render.branch(name, sha, call.repository, call.hub, call.urls))
