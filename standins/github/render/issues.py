"""Issues (a pull request is one), labels, comments, reactions."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from standins.github.render.accounts import app, simple_user
from standins.github.render.common import node_id, reaction_rollup, timestamp
from standins.github.state import (
    Account,
    AccountType,
    Comment,
    Issue,
    Json,
    Label,
    LabelEvent,
    Pull,
    Reaction,
    Repository,
)
from standins.github.urls import Urls

_DEFAULT_LABELS: Final = frozenset({"bug", "documentation", "duplicate", "enhancement", "question", "wontfix"})


def label(one: Label, repository: Repository, urls: Urls) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("Label", one.id),
        "url": f"{urls.repository(repository)}/labels/{quote(one.name, safe='')}",
        "name": one.name,
        "color": one.color,
        "default": one.name in _DEFAULT_LABELS,
        "description": one.description,
        "archived_at": None,
        "archived_by": None,
    }


def association(account: Account, repository: Repository) -> str:
    if account is repository.owner:
        return "OWNER"
    if repository.collaborators.get(account.login, "none") in ("write", "maintain", "admin"):
        return "MEMBER" if repository.owner.type is AccountType.ORGANIZATION else "COLLABORATOR"
    return "NONE"


def comment(one: Comment, urls: Urls) -> Json:
    issue, url = one.issue, urls.comment(one)
    kind = "pull" if isinstance(issue, Pull) else "issues"
    return {
        "url": url,
        "html_url": f"{urls.repository_web(issue.repository)}/{kind}/{issue.number}#issuecomment-{one.id}",
        "issue_url": urls.issue(issue),
        "id": one.id,
        "node_id": node_id("IssueComment", one.id),
        "user": simple_user(one.user, urls),
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "body": one.body,
        "author_association": association(one.user, issue.repository),
        "reactions": reaction_rollup(f"{url}/reactions", one.reactions),
        "performed_via_github_app": app(one.app, urls) if one.app else None,
    }


def reaction(one: Reaction, urls: Urls) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("Reaction", one.id),
        "user": simple_user(one.user, urls),
        "content": one.content,
        "created_at": timestamp(one.created_at),
    }


def issue(one: Issue, urls: Urls) -> Json:
    url, web = urls.issue(one), urls.repository_web(one.repository)
    body: Json = {
        "url": url,
        "repository_url": urls.repository(one.repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{web}/issues/{one.number}",
        "id": one.id,
        "node_id": node_id("Issue", one.id),
        "number": one.number,
        "title": one.title,
        "user": simple_user(one.user, urls),
        "labels": [label(each, one.repository, urls) for each in one.labels],
        "state": one.state,
        "state_reason": one.state_reason,
        "locked": False,
        "active_lock_reason": None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(one.comments),
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "closed_at": timestamp(one.closed_at),
        "author_association": association(one.user, one.repository),
        "body": one.body,
        "reactions": reaction_rollup(f"{url}/reactions", []),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
    }
    if isinstance(one, Pull):
        pull_web = f"{web}/pull/{one.number}"
        body |= {
            "html_url": pull_web,
            "draft": one.draft,
            "pull_request": {
                "url": f"{urls.repository(one.repository)}/pulls/{one.number}",
                "html_url": pull_web,
                "diff_url": f"{pull_web}.diff",
                "patch_url": f"{pull_web}.patch",
                "merged_at": timestamp(one.merged_at),
            },
        }
    return body


def label_event(one: LabelEvent, repository: Repository, urls: Urls) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("LabeledEvent" if one.event == "labeled" else "UnlabeledEvent", one.id),
        "url": f"{urls.repository(repository)}/issues/events/{one.id}",
        "actor": simple_user(one.actor, urls),
        "event": one.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": timestamp(one.created_at),
        "label": {"name": one.label.name, "color": one.label.color},
        "performed_via_github_app": app(one.app, urls) if one.app else None,
    }


def full_issue(one: Issue, urls: Urls) -> Json:
    return {**issue(one, urls), "closed_by": simple_user(one.closed_by, urls) if one.closed_by else None}
