"""People, organizations, bots and apps."""

from __future__ import annotations

from typing import Final

from standins.github.render.common import node_id, timestamp
from standins.github.state import Account, AccountType, App, Hub, Json
from standins.github.urls import Urls

_LINKS: Final = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def simple_user(account: Account, urls: Urls) -> Json:
    url = urls.user(account.login)
    kind = "Bot" if account.type is AccountType.BOT else account.type.value
    html = f"/apps/{account.login.removesuffix('[bot]')}" if kind == "Bot" else f"/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(kind, account.id),
        "avatar_url": f"{urls.web}/avatars/u/{account.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{urls.web}{html}",
        **{key: f"{url}{path}" for key, path in _LINKS.items()},
        "type": account.type.value,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(account: Account, urls: Urls, hub: Hub) -> Json:
    owned = [one for one in hub.repositories.values() if one.owner is account and not one.private]
    return {
        **simple_user(account, urls),
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": len(owned),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": timestamp(account.created_at),
        "updated_at": timestamp(account.created_at),
    }


def collaborator(account: Account, permission: str, urls: Urls) -> Json:
    return {
        **simple_user(account, urls),
        "permissions": permissions(permission),
        "role_name": permission,
    }


def permissions(level: str) -> dict[str, bool]:
    """The five switches that follow from a role."""
    order = ("pull", "triage", "push", "maintain", "admin")
    reach = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}[level]
    return {name: rank < reach for rank, name in enumerate(order)}


def app(one: App, urls: Urls) -> Json:
    return {
        "id": one.id,
        "client_id": f"Iv1.{one.id:016x}",
        "slug": one.slug,
        "node_id": node_id("App", one.id),
        "owner": simple_user(one.owner, urls),
        "name": one.name,
        "description": "",
        "external_url": f"{urls.web}/features/{one.slug}",
        "html_url": f"{urls.web}/apps/{one.slug}",
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
        "permissions": {"contents": "write", "issues": "write", "metadata": "read", "pull_requests": "write"},
        "events": ["pull_request", "push"],
    }


def organization(account: Account, urls: Urls) -> Json:
    """The `organization` of an event's payload."""
    url = f"{urls.api}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("Organization", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{urls.web}/avatars/u/{account.id}?v=4",
        "description": None,
    }
