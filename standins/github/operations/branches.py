"""What follows when a branch moves: pull requests synchronize, merge, conflict or close."""

from __future__ import annotations

from standins.github.gitstore import Person
from standins.github.operations import events
from standins.github.operations.accounts import Actor
from standins.github.render.commits import email
from standins.github.state import Account, Hub, Pull, Repository

_HEADS = "refs/heads/"


def person(account: Account) -> Person:
    return Person(account.name or account.login, email(account.login))


def tip(repository: Repository, branch: str) -> str | None:
    return repository.refs.get(_HEADS + branch)


def sync(hub: Hub, repository: Repository, actor: Actor) -> None:
    """Take note of every ref that has moved since the last look, and of what follows from it."""
    before, after = repository.refs, repository.store.refs()
    repository.refs = after
    moved = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    branches = {name.removeprefix(_HEADS) for name in moved if name.startswith(_HEADS)}
    if not branches:
        return
    repository.pushed_at = repository.updated_at = hub.now()
    for pull in _open_pulls(hub):
        if pull.head_repository is repository and pull.head_ref in branches:
            _head_moved(hub, pull, actor)
        if pull.repository is repository and pull.base_ref in branches and pull.state == "open":
            _base_moved(hub, pull, actor)


def _open_pulls(hub: Hub) -> list[Pull]:
    return [pull for repository in hub.repositories.values() for pull in repository.pulls if pull.state == "open"]


def _head_moved(hub: Hub, pull: Pull, actor: Actor) -> None:
    sha = tip(pull.head_repository or pull.repository, pull.head_ref)
    if sha is None:
        close(hub, pull, actor)
        return
    if sha == pull.head_sha:
        return
    before, pull.head_sha = pull.head_sha, sha
    pull.updated_at = hub.now()
    refresh(hub, pull)
    payload = events.pull_request(hub, pull, "synchronize", actor, before=before)
    events.record(hub, "pull_request", payload, pull, actor)


def _base_moved(hub: Hub, pull: Pull, actor: Actor) -> None:
    base = tip(pull.repository, pull.base_ref)
    if base is None:
        close(hub, pull, actor)
    elif pull.repository.store.is_ancestor(pull.head_sha, base):
        close(hub, pull, actor, merge_commit=base)  # merged by hand: GitHub notices
    else:
        _try_merge(hub, pull, base)


def refresh(hub: Hub, pull: Pull) -> None:
    """Bring `refs/pull/N/head`, `refs/pull/N/merge` and mergeability up to date with head and base."""
    home = pull.repository
    if pull.head_repository is not None and pull.head_repository is not home:
        home.store.take(pull.head_repository.store, pull.head_sha)
    home.store.update_ref(f"refs/pull/{pull.number}/head", pull.head_sha)
    base = tip(home, pull.base_ref)
    if base is not None:
        pull.base_sha = base
        _try_merge(hub, pull, base)


def _try_merge(hub: Hub, pull: Pull, base: str) -> None:
    """On a conflict the merge ref stays where it last worked, as on GitHub."""
    store = pull.repository.store
    tree = store.merge_tree(base, pull.head_sha)
    pull.mergeable = tree is not None
    pull.merge_commit_sha = None
    if tree is not None:
        message = f"Merge {pull.head_sha} into {base}"
        parents = [base, pull.head_sha]
        pull.merge_commit_sha = store.commit_tree(tree, parents, message, person(pull.user), hub.now())
        store.update_ref(f"refs/pull/{pull.number}/merge", pull.merge_commit_sha)


def close(hub: Hub, pull: Pull, actor: Actor, *, merge_commit: str | None = None) -> None:
    """Close a pull request; with `merge_commit`, as merged by it."""
    pull.state = "closed"
    pull.closed_at = pull.updated_at = hub.now()
    pull.closed_by = actor.account
    if merge_commit is not None:
        pull.merged_at, pull.merged_by = pull.closed_at, actor.account
        pull.merge_commit_sha = merge_commit
        pull.mergeable = None
        merge_ref = f"refs/pull/{pull.number}/merge"
        if merge_ref in pull.repository.store.refs():
            pull.repository.store.delete_ref(merge_ref)
    events.record(hub, "pull_request", events.pull_request(hub, pull, "closed", actor), pull, actor)
