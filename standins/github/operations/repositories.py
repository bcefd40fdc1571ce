"""Making, forking and deleting repositories."""

from __future__ import annotations

import shutil
from pathlib import Path

from standins.github.gitstore import GitStore
from standins.github.operations import branches
from standins.github.operations.accounts import account
from standins.github.state import AccountType, Hub, Label, Repository


def create(
    hub: Hub,
    owner: str,
    name: str,
    *,
    source: Path | None = None,
    default_branch: str | None = None,
    private: bool = False,
    organization: bool = True,
    description: str | None = None,
    parent: Repository | None = None,
) -> Repository:
    """A repository, empty or with what `source` holds: a git repository, or a directory as one first commit.

    The default branch is, unless named, the source's current branch, or `main`.
    """
    kind = AccountType.ORGANIZATION if organization else AccountType.USER
    full_name = f"{owner}/{name}"
    if hub.repository(full_name) is not None:
        raise ValueError(f"{full_name} exists already")
    is_git = source is not None and ((source / ".git").exists() or (source / "HEAD").is_file())
    if default_branch is None:
        default_branch = GitStore(source).current_branch() if source is not None and is_git else "main"
    store = GitStore.create(hub.root / f"{full_name}.git", default_branch)
    home = account(hub, owner, kind)
    if source is not None:
        if is_git:
            store.import_repository(source)
        else:
            sha = store.import_directory(source, "Initial commit", branches.person(home), hub.now())
            store.update_ref(f"refs/heads/{default_branch}", sha)
    repository = Repository(
        id=hub.new_id("repository"),
        owner=home,
        name=name,
        description=description,
        private=private,
        default_branch=default_branch,
        parent=parent,
        created_at=hub.now(),
        updated_at=hub.now(),
        pushed_at=hub.now(),
        store=store,
        refs=store.refs(),
    )
    for label, color in (("bug", "d73a4a"), ("documentation", "0075ca"), ("enhancement", "a2eeef")):
        repository.labels[label] = Label(id=hub.new_id("label"), name=label, color=color)
    hub.repositories[full_name.lower()] = repository
    return repository


def fork(hub: Hub, parent: Repository, owner: str) -> Repository:
    return create(
        hub,
        owner,
        parent.name,
        source=parent.store.path,
        default_branch=parent.default_branch,
        private=parent.private,
        organization=False,
        parent=parent,
    )


def delete(hub: Hub, repository: Repository) -> None:
    """Its pull requests elsewhere stay, with no head repository any more."""
    del hub.repositories[repository.full_name.lower()]
    for other in hub.repositories.values():
        for pull in other.pulls:
            if pull.head_repository is repository:
                pull.head_repository = None
    shutil.rmtree(repository.store.path)
