"""What GitHub remembers: plain mutable records, guarded by one lock in `Hub`."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from standins.github.gitstore import GitStore

Json = dict[str, Any]


class AccountType(StrEnum):
    USER = "User"
    ORGANIZATION = "Organization"
    BOT = "Bot"


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    id: int
    login: str
    type: AccountType
    name: str | None = None
    created_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class App:
    """A GitHub App; `github-actions` is the one that hands out `GITHUB_TOKEN`."""

    id: int
    slug: str
    name: str
    bot: Account
    owner: Account
    created_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Token:
    """An installation token (`app` is set: it has permissions, and is no user) or a user's personal token."""

    value: str = field(repr=False)
    account: Account
    app: App | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repository: Repository | None = None
    limit: int
    used: int = 0
    window_start: datetime
    revoked: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Reaction:
    id: int
    user: Account
    content: str
    created_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Comment:
    id: int
    issue: Issue
    user: Account
    app: App | None = None
    body: str
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Review:
    id: int
    user: Account
    state: str
    body: str
    commit_id: str
    submitted_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class LabelEvent:
    """One line of an issue's history: a label was put on or taken off. The other kinds are not kept."""

    id: int
    event: str
    actor: Account
    app: App | None
    label: Label
    created_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Issue:
    id: int
    number: int
    repository: Repository
    title: str
    body: str | None
    user: Account
    state: str = "open"
    state_reason: str | None = None
    labels: list[Label] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    history: list[LabelEvent] = field(default_factory=list)
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    closed_by: Account | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Pull(Issue):
    """A pull request is an issue with two ends; `base_sha` is the base branch's tip when the head last moved."""

    pull_id: int
    draft: bool = False
    head_owner: Account
    head_repository: Repository | None
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    mergeable: bool | None = None
    merge_commit_sha: str | None = None
    merged_at: datetime | None = None
    merged_by: Account | None = None
    reviews: list[Review] = field(default_factory=list)

    @property
    def merged(self) -> bool:
        return self.merged_at is not None


@dataclass(slots=True, kw_only=True, eq=False)
class DeploymentStatus:
    id: int
    state: str
    creator: Account
    app: App | None
    description: str
    environment: str
    environment_url: str
    log_url: str
    created_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Deployment:
    id: int
    sha: str
    ref: str
    task: str
    payload: Json | str
    environment: str
    original_environment: str
    description: str | None
    creator: Account
    app: App | None
    transient: bool
    production: bool
    created_at: datetime
    updated_at: datetime
    statuses: list[DeploymentStatus] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Environment:
    id: int
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class CommitStatus:
    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class CheckRun:
    id: int
    app: App
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    external_id: str
    details_url: str | None
    started_at: datetime | None
    completed_at: datetime | None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class WorkflowRun:
    id: int
    number: int
    attempt: int = 1
    name: str
    path: str
    event: str
    head_branch: str | None
    head_sha: str
    status: str
    conclusion: str | None = None
    actor: Account
    pull: Pull | None
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Repository:
    id: int
    owner: Account
    name: str
    description: str | None = None
    private: bool = False
    default_branch: str
    parent: Repository | None = None
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime
    store: GitStore
    refs: dict[str, str] = field(default_factory=dict)
    next_number: int = 1
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    statuses: list[CommitStatus] = field(default_factory=list)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    collaborators: dict[str, str] = field(default_factory=dict)
    workflow_permissions: str = "read"
    workflows_approve_reviews: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def pulls(self) -> Iterator[Pull]:
        return (issue for issue in self.issues.values() if isinstance(issue, Pull))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something GitHub would tell webhooks and workflows, with its payload as it was then.

    `starts_workflows` is False where GitHub starts no run: the cause was `GITHUB_TOKEN`, or the pull request
    has merge conflicts.
    """

    name: str
    action: str | None
    repository: str
    number: int | None
    actor: str
    starts_workflows: bool
    payload: Json = field(repr=False)


@dataclass(slots=True, kw_only=True, eq=False)
class Hub:
    """Everything one server knows. Whoever reads or writes it holds `lock`."""

    root: Path
    clock: Callable[[], datetime]
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    accounts: dict[str, Account] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    teams: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    _ids: defaultdict[str, Iterator[int]] = field(
        default_factory=lambda: defaultdict(lambda: itertools.count(1_000_001, 7))
    )

    def now(self) -> datetime:
        """The clock's time in whole seconds, as GitHub tells it."""
        return self.clock().replace(microsecond=0)

    def new_id(self, kind: str) -> int:
        return next(self._ids[kind])

    def repository(self, full_name: str) -> Repository | None:
        """Names are case-insensitive, as on GitHub."""
        return self.repositories.get(full_name.lower())
