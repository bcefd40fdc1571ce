"""A pull request in a list, on its own, in an event, and as others point at it."""

from __future__ import annotations

from standins.github.diffs import FileChange, changes
from standins.github.render.accounts import simple_user
from standins.github.render.common import node_id, timestamp
from standins.github.render.issues import association, label
from standins.github.render.repositories import repository_end
from standins.github.state import Account, Json, Pull, Repository, Review
from standins.github.urls import Urls


def simple_pull(one: Pull, urls: Urls) -> Json:
    """As a list tells it."""
    home = one.repository
    url = f"{urls.repository(home)}/pulls/{one.number}"
    web = f"{urls.repository_web(home)}/pull/{one.number}"
    statuses = f"{urls.repository(home)}/statuses/{one.head_sha}"
    links = {
        "self": url,
        "html": web,
        "issue": urls.issue(one),
        "comments": f"{urls.issue(one)}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{urls.repository(home)}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": statuses,
    }
    return {
        "url": url,
        "id": one.pull_id,
        "node_id": node_id("PullRequest", one.pull_id),
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": links["issue"],
        "number": one.number,
        "state": one.state,
        "locked": False,
        "title": one.title,
        "user": simple_user(one.user, urls),
        "body": one.body,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "closed_at": timestamp(one.closed_at),
        "merged_at": timestamp(one.merged_at),
        "merge_commit_sha": one.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [label(each, home, urls) for each in one.labels],
        "milestone": None,
        "draft": one.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": statuses,
        "head": _end(one.head_owner, one.head_repository, one.head_ref, one.head_sha, urls),
        "base": _end(home.owner, home, one.base_ref, one.base_sha, urls),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": association(one.user, home),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def _end(owner: Account, repository: Repository | None, ref: str, sha: str, urls: Urls) -> Json:
    return {
        "label": f"{owner.login}:{ref}" if repository else "unknown repository",
        "ref": ref,
        "sha": sha,
        "user": simple_user(owner, urls),
        "repo": repository_end(repository, urls) if repository else None,
    }


def pull(one: Pull, urls: Urls) -> Json:
    """As it is told on its own: with the size of the change, and whether it can be merged."""
    store = one.repository.store
    files = changes(store, one.base_sha, one.head_sha)
    return {
        **simple_pull(one, urls),
        "merged": one.merged,
        "mergeable": None if one.merged else one.mergeable,
        "rebaseable": None if one.merged else one.mergeable,
        "mergeable_state": _mergeable_state(one),
        "merged_by": simple_user(one.merged_by, urls) if one.merged_by else None,
        "comments": len(one.comments),
        "review_comments": 0,
        "maintainer_can_modify": one.head_repository is not one.repository,
        "commits": store.count(f"{one.base_sha}..{one.head_sha}"),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def event_pull(one: Pull, urls: Urls) -> Json:
    """As an event tells it: sent before GitHub has tried the merge."""
    return {**pull(one, urls), "mergeable": None, "rebaseable": None, "mergeable_state": "unknown"}


def _mergeable_state(one: Pull) -> str:
    if one.merged or one.mergeable is None:
        return "unknown"
    if not one.mergeable:
        return "dirty"
    return "draft" if one.draft else "clean"


def minimal_pull(one: Pull, urls: Urls) -> Json:
    """As check runs and workflow runs point at it."""
    head = one.head_repository or one.repository
    return {
        "url": f"{urls.repository(one.repository)}/pulls/{one.number}",
        "id": one.pull_id,
        "number": one.number,
        "head": {"ref": one.head_ref, "sha": one.head_sha, "repo": _minimal_repo(head, urls)},
        "base": {"ref": one.base_ref, "sha": one.base_sha, "repo": _minimal_repo(one.repository, urls)},
    }


def _minimal_repo(one: Repository, urls: Urls) -> Json:
    return {"id": one.id, "url": urls.repository(one), "name": one.name}


def diff_entry(change: FileChange, repository: Repository, sha: str, urls: Urls) -> Json:
    web = urls.repository_web(repository)
    body: Json = {
        "sha": change.blob,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{web}/blob/{sha}/{change.path}",
        "raw_url": f"{web}/raw/{sha}/{change.path}",
        "contents_url": f"{urls.repository(repository)}/contents/{change.path}?ref={sha}",
    }
    if change.patch is not None:
        body["patch"] = change.patch
    if change.previous_path is not None:
        body["previous_filename"] = change.previous_path
    return body


def review(one: Review, on: Pull, urls: Urls) -> Json:
    web = f"{urls.repository_web(on.repository)}/pull/{on.number}#pullrequestreview-{one.id}"
    pull_url = f"{urls.repository(on.repository)}/pulls/{on.number}"
    return {
        "id": one.id,
        "node_id": node_id("PullRequestReview", one.id),
        "user": simple_user(one.user, urls),
        "body": one.body,
        "state": one.state,
        "html_url": web,
        "pull_request_url": pull_url,
        "author_association": association(one.user, on.repository),
        "_links": {"html": {"href": web}, "pull_request": {"href": pull_url}},
        "submitted_at": timestamp(one.submitted_at),
        "commit_id": one.commit_id,
    }
