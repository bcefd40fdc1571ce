"""Who is asking, whether they may, and how often they still may."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import Final

from standins.github import errors
from standins.github.operations import accounts
from standins.github.routing import Route
from standins.github.state import Hub, Repository, Token

_ADMIN_ONLY: Final = frozenset({"administration", "environments"})


def authenticate(hub: Hub, authorization: str | None) -> Token | None:
    """The token behind an `Authorization` header: bearer, token, or basic with the token as password."""
    if not authorization:
        return None
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            secret = base64.b64decode(secret, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise errors.bad_credentials() from None
    elif scheme.lower() not in ("bearer", "token"):
        raise errors.bad_credentials()
    token = hub.tokens.get(secret.strip())
    if token is None or token.revoked:
        raise errors.bad_credentials()
    return token


def authorise(route: Route, token: Token | None, repository: Repository | None) -> None:
    """Refuse as GitHub does.

    Raises:
        ApiError: 401 for strangers, 404 for what they may not know of, 403 for the rest.
    """
    if repository is not None and not accounts.may_read(token, repository):
        raise errors.not_found()
    if token is None:
        if route.user_only or route.signed_in or _writes(route):
            raise errors.requires_authentication()
        return
    if token.app is not None:
        _authorise_app(route, token, repository)
    else:
        _authorise_user(route, token, repository)


def _authorise_app(route: Route, token: Token, repository: Repository | None) -> None:
    if route.user_only:
        raise errors.not_for_integrations()
    if not route.alternatives or (_public_read(route, repository) and not route.signed_in):
        return
    covered = repository is None or token.repository in (None, repository)
    if covered and any(_grants(token, *one) for one in route.alternatives):
        return
    raise errors.not_for_integrations(route.accepted)


def _grants(token: Token, permission: str, level: str) -> bool:
    return token.permissions.get(permission) in (("read", "write") if level == "read" else ("write",))


def _authorise_user(route: Route, token: Token, repository: Repository | None) -> None:
    if repository is None or not route.alternatives:
        return
    needed = "read"
    if any(name in _ADMIN_ONLY for name, _ in route.alternatives):
        needed = "admin"
    elif _writes(route) and not route.open_to_readers:
        needed = "write"
    if not accounts.has_role(token.account, repository, needed):
        right = "admin rights to" if needed == "admin" else "push access to"
        raise errors.ApiError(HTTPStatus.FORBIDDEN, f"Must have {right} Repository.")


def _writes(route: Route) -> bool:
    return route.method not in ("GET", "HEAD")


def _public_read(route: Route, repository: Repository | None) -> bool:
    return repository is not None and not repository.private and not _writes(route)
