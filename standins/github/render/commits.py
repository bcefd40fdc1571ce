"""Commits, refs, branches, commit statuses, contents."""

from __future__ import annotations

import base64
from collections import Counter
from typing import Final

from standins.github.diffs import changes
from standins.github.gitstore import CommitData, Entry, Person
from standins.github.render.accounts import simple_user
from standins.github.render.common import node_id, timestamp
from standins.github.render.pulls import diff_entry
from standins.github.render.repositories import minimal_repository
from standins.github.state import CommitStatus, Hub, Json, Repository
from standins.github.urls import Urls

_UNSIGNED: Final = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def commit(sha: str, repository: Repository, hub: Hub, urls: Urls) -> Json:
    """As a list tells it."""
    data = repository.store.commit(sha)
    url, web = urls.repository(repository), urls.repository_web(repository)
    return {
        "sha": sha,
        "node_id": node_id("Commit", f"{repository.id}:{sha}"),
        "commit": {
            "author": _person(data.author, data.authored_at),
            "committer": _person(data.committer, data.committed_at),
            "message": data.message,
            "tree": {"sha": data.tree, "url": f"{url}/git/trees/{data.tree}"},
            "url": f"{url}/git/commits/{sha}",
            "comment_count": 0,
            "verification": _UNSIGNED,
        },
        "url": f"{url}/commits/{sha}",
        "html_url": f"{web}/commit/{sha}",
        "comments_url": f"{url}/commits/{sha}/comments",
        "author": _account(data.author, hub, urls),
        "committer": _account(data.committer, hub, urls),
        "parents": [_parent(parent, f"{url}/commits", web) for parent in data.parents],
    }


def full_commit(sha: str, repository: Repository, hub: Hub, urls: Urls) -> Json:
    data = repository.store.commit(sha)
    files = changes(repository.store, data.parents[0], sha) if data.parents else ()
    added, removed = sum(one.additions for one in files), sum(one.deletions for one in files)
    return {
        **commit(sha, repository, hub, urls),
        "stats": {"total": added + removed, "additions": added, "deletions": removed},
        "files": [diff_entry(one, repository, sha, urls) for one in files],
    }


def git_commit(sha: str, repository: Repository, urls: Urls) -> Json:
    data = repository.store.commit(sha)
    url, web = urls.repository(repository), urls.repository_web(repository)
    return {
        "sha": sha,
        "node_id": node_id("Commit", f"{repository.id}:{sha}"),
        "url": f"{url}/git/commits/{sha}",
        "html_url": f"{web}/commit/{sha}",
        "author": _person(data.author, data.authored_at),
        "committer": _person(data.committer, data.committed_at),
        "tree": {"sha": data.tree, "url": f"{url}/git/trees/{data.tree}"},
        "message": data.message,
        "parents": [_parent(parent, f"{url}/git/commits", web) for parent in data.parents],
        "verification": _UNSIGNED,
    }


def simple_commit(data: CommitData) -> Json:
    """The `head_commit` of a workflow run."""
    return {
        "id": data.sha,
        "tree_id": data.tree,
        "message": data.message,
        "timestamp": data.committed_at,
        "author": {"name": data.author.name, "email": data.author.email},
        "committer": {"name": data.committer.name, "email": data.committer.email},
    }


def _person(person: Person, date: str) -> Json:
    return {"name": person.name, "email": person.email, "date": date}


def _account(person: Person, hub: Hub, urls: Urls) -> Json | None:
    account = next((one for one in hub.accounts.values() if email(one.login) == person.email), None)
    return simple_user(account, urls) if account else None


def email(login: str) -> str:
    """The address that stands for an account in commits made here."""
    return f"{login}@users.noreply.github.com"


def _parent(sha: str, url: str, web: str) -> Json:
    return {"sha": sha, "url": f"{url}/{sha}", "html_url": f"{web}/commit/{sha}"}


def ref(name: str, sha: str, repository: Repository, urls: Urls) -> Json:
    url = urls.repository(repository)
    return {
        "ref": name,
        "node_id": node_id("Ref", f"{repository.id}:{name}"),
        "url": f"{url}/git/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{url}/git/commits/{sha}"},
    }


def branch(name: str, sha: str, repository: Repository, hub: Hub, urls: Urls) -> Json:
    url = f"{urls.repository(repository)}/branches/{name}"
    return {
        "name": name,
        "commit": commit(sha, repository, hub, urls),
        "_links": {"self": url, "html": f"{urls.repository_web(repository)}/tree/{name}"},
        "protected": False,
        "protection": {
            "enabled": False,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": f"{url}/protection",
    }


def short_branch(name: str, sha: str, repository: Repository, urls: Urls) -> Json:
    url = urls.repository(repository)
    return {"name": name, "commit": {"sha": sha, "url": f"{url}/commits/{sha}"}, "protected": False}


def _simple_status(one: CommitStatus, repository: Repository, urls: Urls) -> Json:
    return {
        "url": f"{urls.repository(repository)}/statuses/{one.sha}",
        "avatar_url": simple_user(one.creator, urls)["avatar_url"],
        "id": one.id,
        "node_id": node_id("StatusContext", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
    }


def status(one: CommitStatus, repository: Repository, urls: Urls) -> Json:
    return {**_simple_status(one, repository, urls), "creator": simple_user(one.creator, urls)}


def combined_status(sha: str, statuses: list[CommitStatus], repository: Repository, urls: Urls) -> Json:
    """The latest of each context, and what they come to together."""
    latest = {one.context: one for one in statuses}
    states = Counter(one.state for one in latest.values())
    failed = states["failure"] + states["error"]
    state = "failure" if failed else "success" if latest and not states["pending"] else "pending"
    url = urls.repository(repository)
    return {
        "state": state,
        "statuses": [_simple_status(one, repository, urls) for one in latest.values()],
        "sha": sha,
        "total_count": len(latest),
        "repository": minimal_repository(repository, urls),
        "commit_url": f"{url}/commits/{sha}",
        "url": f"{url}/commits/{sha}/status",
    }


def content(entry: Entry, repository: Repository, revision: str, urls: Urls) -> Json:
    """A line of a directory's listing; a file on its own carries its content besides."""
    kind = {"blob": "symlink" if entry.mode == "120000" else "file", "tree": "dir", "commit": "file"}[entry.type]
    url, web = urls.repository(repository), urls.repository_web(repository)
    self_url = f"{url}/contents/{entry.path}?ref={revision}"
    git_url = f"{url}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.sha}"
    html_url = f"{web}/{'tree' if kind == 'dir' else 'blob'}/{revision}/{entry.path}"
    return {
        "name": entry.path.rsplit("/", 1)[-1],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size,
        "url": self_url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": None if kind == "dir" else f"{web}/raw/{revision}/{entry.path}",
        "type": kind,
        "_links": {"self": self_url, "git": git_url, "html": html_url},
    }


def file_content(entry: Entry, repository: Repository, revision: str, urls: Urls) -> Json:
    listed = content(entry, repository, revision, urls)
    data = repository.store.blob(entry.sha)
    if listed["type"] == "symlink":
        return {**listed, "target": data.decode(errors="replace")}
    if entry.size > 1_000_000:  # over it GitHub tells the content only as a raw file
        return {**listed, "content": "", "encoding": "none"}
    return {**listed, "content": base64.encodebytes(data).decode(), "encoding": "base64"}
