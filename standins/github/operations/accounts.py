"""Accounts, apps, tokens, and what each may do in a repository."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from standins.github.state import Account, AccountType, App, Hub, Repository, Token

ACTIONS_APP: Final = "github-actions"
_ACTIONS_APP_ID: Final = 15368  # the numbers that GitHub's own app and its bot have
_ACTIONS_BOT_ID: Final = 41898282
WINDOW: Final = timedelta(hours=1)
INSTALLATION_LIMIT: Final = 1000
PERSONAL_LIMIT: Final = 5000

WORKFLOW_PERMISSIONS: Final = (
    "actions", "attestations", "checks", "contents", "deployments", "discussions", "issues", "packages",
    "pages", "pull_requests", "security_events", "statuses",
)  # fmt: skip
"""All that a workflow may ask for its `GITHUB_TOKEN`: neither administration nor members is among them."""

_RANK: Final = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a user, or an app's bot."""

    account: Account
    app: App | None = None

    @property
    def starts_workflows(self) -> bool:
        """What `GITHUB_TOKEN` does starts no workflow."""
        return self.app is None or self.app.slug != ACTIONS_APP


def account(hub: Hub, login: str, kind: AccountType = AccountType.USER) -> Account:
    """The account of that name, made when first named."""
    known = hub.accounts.get(login.lower())
    if known is None:
        known = Account(id=hub.new_id("account"), login=login, type=kind, created_at=hub.now())
        hub.accounts[login.lower()] = known
    return known


def app(hub: Hub, slug: str) -> App:
    """The app of that name with its bot, made when first named."""
    known = hub.apps.get(slug)
    if known is None:
        own = slug == ACTIONS_APP
        bot = account(hub, f"{slug}[bot]", AccountType.BOT)
        bot.id = _ACTIONS_BOT_ID if own else bot.id
        known = App(
            id=_ACTIONS_APP_ID if own else hub.new_id("app"),
            slug=slug,
            name="GitHub Actions" if own else slug.replace("-", " ").title(),
            bot=bot,
            owner=account(hub, "github", AccountType.ORGANIZATION),
            created_at=hub.now(),
        )
        hub.apps[slug] = known
    return known


def installation_token(
    hub: Hub, slug: str, repository: Repository | None, permissions: dict[str, str], limit: int
) -> Token:
    one = app(hub, slug)
    granted = {name.replace("-", "_"): level for name, level in permissions.items()}
    return _register(hub, "ghs_", one.bot, limit, app=one, repository=repository, permissions=granted)


def personal_token(hub: Hub, login: str, limit: int) -> Token:
    return _register(hub, "ghp_", account(hub, login), limit)


def _register(
    hub: Hub,
    prefix: str,
    owner: Account,
    limit: int,
    *,
    app: App | None = None,
    repository: Repository | None = None,
    permissions: dict[str, str] | None = None,
) -> Token:
    token = Token(
        value=prefix + secrets.token_hex(18),
        account=owner,
        app=app,
        repository=repository,
        permissions={"metadata": "read", **(permissions or {})},
        limit=limit,
        window_start=hub.now(),
    )
    hub.tokens[token.value] = token
    return token


def role(one: Account, repository: Repository) -> str:
    """A user's role: none, read, triage, write, maintain or admin."""
    if one is repository.owner:
        return "admin"
    given = repository.collaborators.get(one.login.lower(), "none")
    return "read" if given == "none" and not repository.private else given


def has_role(one: Account, repository: Repository, least: str) -> bool:
    return _RANK[role(one, repository)] >= _RANK[least]


def may_push(token: Token, repository: Repository) -> bool:
    if token.app is None:
        return has_role(token.account, repository, "write")
    return token.permissions.get("contents") == "write" and token.repository in (None, repository)


def may_read(token: Token | None, repository: Repository) -> bool:
    """Whether the repository exists at all, as far as this caller is told."""
    if not repository.private:
        return True
    if token is None:
        return False
    if token.app is not None:
        return token.repository in (None, repository)
    return has_role(token.account, repository, "read")
