"""The one who asks, other accounts, teams, and how much may still be asked."""

from __future__ import annotations

from standins.github import errors
from standins.github.http import Response
from standins.github.operations import accounts
from standins.github.render.accounts import public_user
from standins.github.routing import Call, Routes

routes = Routes()


@routes.on("GET", "/user", user_only=True, signed_in=True)
def get_authenticated(call: Call) -> Response:
    return Response(body=public_user(call.actor.account, call.urls, call.hub))


@routes.on("GET", "/users/{login}")
def get_user(call: Call) -> Response:
    account = call.hub.accounts.get(call.params["login"].lower())
    if account is None:
        raise errors.not_found()
    return Response(body=public_user(account, call.urls, call.hub))


@routes.on("GET", "/orgs/{org}/teams/{slug}/memberships/{login}", "members:read", signed_in=True)
def get_membership(call: Call) -> Response:
    org, slug, login = (call.params[name].lower() for name in ("org", "slug", "login"))
    if login not in call.hub.teams.get((org, slug), set()):
        raise errors.not_found()
    url = f"{call.urls.api}/orgs/{org}/teams/{slug}/memberships/{login}"
    return Response(body={"url": url, "role": "member", "state": "active"})


@routes.on("GET", "/rate_limit")
def get_rate_limit(call: Call) -> Response:
    holder = call.limits.of(call.token)
    reset = int((holder.window_start + accounts.WINDOW).timestamp())
    core = {
        "limit": holder.limit,
        "used": holder.used,
        "remaining": holder.limit - holder.used,
        "reset": reset,
    }
    untouched = {"limit": 30, "used": 0, "remaining": 30, "reset": reset}
    resources = {"core": core, "search": untouched, "graphql": {**untouched, "limit": 0, "remaining": 0}}
    return Response(body={"resources": resources, "rate": core})
