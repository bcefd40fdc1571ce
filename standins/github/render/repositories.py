"""A repository, in the three sizes that GitHub tells it."""

from __future__ import annotations

from typing import Final

from standins.github.render.accounts import permissions, simple_user
from standins.github.render.common import node_id, timestamp
from standins.github.state import AccountType, Json, Repository
from standins.github.urls import Urls

_LINKS: Final = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def minimal_repository(repository: Repository, urls: Urls) -> Json:
    url = urls.repository(repository)
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": simple_user(repository.owner, urls),
        "html_url": urls.repository_web(repository),
        "description": repository.description,
        "fork": repository.parent is not None,
        "url": url,
        **{key: f"{url}{path}" for key, path in _LINKS.items()},
    }


def repository(one: Repository, urls: Urls) -> Json:
    web = urls.repository_web(one)
    host = urls.web.split("://", 1)[1]
    open_issues = sum(issue.state == "open" for issue in one.issues.values())
    forks = 0
    return {
        **minimal_repository(one, urls),
        "git_url": f"git://{host}/{one.full_name}.git",
        "ssh_url": f"git@{host}:{one.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "size": 0,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "pushed_at": timestamp(one.pushed_at),
        "stargazers_count": 0,
        "watchers_count": 0,
        "forks_count": forks,
        "open_issues_count": open_issues,
        "forks": forks,
        "open_issues": open_issues,
        "watchers": 0,
        "default_branch": one.default_branch,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "visibility": "private" if one.private else "public",
        "license": None,
        "allow_forking": True,
        "web_commit_signoff_required": False,
    }


def repository_end(one: Repository, urls: Urls) -> Json:
    """The repository at either end of a pull request, which tells how it may be merged as well."""
    return {
        **repository(one, urls),
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": False,
        "allow_auto_merge": False,
        "allow_update_branch": False,
        "delete_branch_on_merge": False,
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "merge_commit_title": "MERGE_MESSAGE",
        "merge_commit_message": "PR_TITLE",
        "use_squash_pr_title_as_default": False,
    }


def full_repository(one: Repository, urls: Urls, role: str) -> Json:
    extra: Json = {"permissions": permissions(role), "temp_clone_token": None}
    if one.owner.type is AccountType.ORGANIZATION:
        extra["organization"] = simple_user(one.owner, urls)
    if one.parent is not None:
        extra["parent"] = extra["source"] = repository(one.parent, urls)
    return {**repository_end(one, urls), "subscribers_count": 1, "network_count": 0, **extra}


def event_repository(one: Repository, urls: Urls) -> Json:
    return {**repository(one, urls), "custom_properties": {}}
