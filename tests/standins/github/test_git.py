import threading
from pathlib import Path

import pytest

from standins.github import GitHub, RepositoryControl, faults
from tests.standins.github.conftest import Git

pytestmark = [pytest.mark.network, pytest.mark.process]


@pytest.fixture
def work(hub: GitHub, shop: RepositoryControl, git: Git, tmp_path: Path) -> Path:
    """A clone that may push."""
    git("clone", "--quiet", shop.clone_url_with(hub.installation_token(shop)), "work")
    return tmp_path / "work"


def commit(git: Git, work: Path, name: str, text: str) -> str:
    (work / name).write_text(text)
    git("add", name, at=work)
    git("commit", "--quiet", "--message", f"Change {name}", at=work)
    return git("rev-parse", "HEAD", at=work)


def test_anybody_clones_what_is_public_with_or_without_the_suffix(
    shop: RepositoryControl, git: Git, tmp_path: Path
) -> None:
    for name, url in (("one", shop.clone_url), ("two", shop.clone_url.removesuffix(".git"))):
        git("clone", "--quiet", url, name)
        assert (tmp_path / name / "README.md").read_text() == "# Shop\n"


def test_a_private_repository_asks_for_credentials(hub: GitHub, git: Git, tmp_path: Path) -> None:
    secret = hub.create_repository("acme", "secret", private=True)
    secret.push("main", {"a": "1"})

    with pytest.raises(RuntimeError, match=r"could not read Username|Authentication failed|terminal prompts"):
        git("clone", secret.clone_url, "work")
    with pytest.raises(RuntimeError, match="not found"):
        git("clone", secret.clone_url_with(hub.personal_token("stranger")), "work")

    git("clone", "--quiet", secret.clone_url_with(hub.installation_token(secret)), "work")
    assert (tmp_path / "work" / "a").exists()


def test_a_pushed_branch_synchronizes_its_pull_request(
    hub: GitHub, shop: RepositoryControl, git: Git, work: Path
) -> None:
    number = shop.open_pull("fix")
    git("switch", "--quiet", "fix", at=work)
    sha = commit(git, work, "more.txt", "more\n")

    git("push", "--quiet", "origin", "fix", at=work)

    assert shop.pull(number)["head"]["sha"] == sha
    event = hub.events("pull_request", number)[-1]
    assert (event.action, event.actor, event.starts_workflows) == ("synchronize", "github-actions[bot]", False)
    git("fetch", "--quiet", "origin", f"refs/pull/{number}/merge", at=work)
    assert git("rev-parse", "FETCH_HEAD^2", at=work) == sha


@pytest.mark.parametrize("protocol", ["0", "2"])
def test_any_commit_is_fetched_by_its_id(shop: RepositoryControl, git: Git, tmp_path: Path, protocol: str) -> None:
    lost = shop.push("fix", {"a": "1"})
    shop.push("fix", {"a": "2"}, force=True)
    git("init", "--quiet", "work")

    version = f"protocol.version={protocol}"
    options = ("--quiet", "--depth=1", "--filter=blob:none")
    git("-c", version, "fetch", *options, shop.clone_url, lost, at=tmp_path / "work")

    assert git("rev-parse", "FETCH_HEAD", at=tmp_path / "work") == lost


def test_a_push_that_lost_the_race_is_refused_and_a_lease_keeps_what_it_saw(
    hub: GitHub, shop: RepositoryControl, git: Git, work: Path
) -> None:
    git("switch", "--quiet", "--create", "eod/environments", at=work)
    mine = commit(git, work, "pr-1.yaml", "phase: ready\n")
    git("push", "--quiet", "--force-with-lease=eod/environments:", "origin", "eod/environments", at=work)
    assert shop.sha("eod/environments") == mine
    theirs = shop.push("eod/environments", {"pr-2.yaml": "phase: planned\n"})
    commit(git, work, "pr-1.yaml", "phase: destroyed\n")

    with pytest.raises(RuntimeError, match=r"rejected|fetch first"):
        git("push", "origin", "eod/environments", at=work)
    with pytest.raises(RuntimeError, match="stale info"):
        git("push", f"--force-with-lease=eod/environments:{mine}", "origin", "eod/environments", at=work)

    assert shop.sha("eod/environments") == theirs


def test_of_many_that_push_to_one_place_at_once_one_wins(
    hub: GitHub, shop: RepositoryControl, git: Git, tmp_path: Path
) -> None:
    url = shop.clone_url_with(hub.installation_token(shop))
    start = shop.push("eod/environments", {"start": "1"})
    for name in "abcd":
        git("clone", "--quiet", "--branch", "eod/environments", url, name)
        commit(git, tmp_path / name, f"{name}.yaml", name)
    won: list[str] = []

    def push(name: str) -> None:
        lease = f"--force-with-lease=eod/environments:{start}"
        try:
            git("push", "--quiet", lease, "origin", "eod/environments", at=tmp_path / name)
        except RuntimeError:
            return
        won.append(name)

    threads = [threading.Thread(target=push, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert shop.sha("eod/environments") == git("rev-parse", "HEAD", at=tmp_path / won[0])


def test_refs_of_pull_requests_cannot_be_pushed(shop: RepositoryControl, git: Git, work: Path) -> None:
    shop.open_pull("fix")

    with pytest.raises(RuntimeError, match="hidden ref"):
        git("push", "origin", "main:refs/pull/1/head", at=work)


def test_a_push_needs_the_right_to_write(hub: GitHub, shop: RepositoryControl, git: Git, work: Path) -> None:
    commit(git, work, "a", "1")
    reader = shop.clone_url_with(hub.installation_token(shop, {"contents": "read"}))

    with pytest.raises(RuntimeError, match="403"):
        git("push", reader, "main", at=work)
    with pytest.raises(RuntimeError, match=r"could not read Username|terminal prompts"):
        git("push", shop.clone_url, "main", at=work)
    with pytest.raises(RuntimeError, match="Authentication failed"):
        git("push", shop.clone_url_with("ghs_invented"), "main", at=work)


def test_a_large_push_in_chunks_arrives_whole(shop: RepositoryControl, git: Git, work: Path) -> None:
    noise = "".join(f"{number * 7919 % 1000003}\n" for number in range(400_000))
    sha = commit(git, work, "large.txt", noise)

    git("-c", "http.postBuffer=65536", "push", "--quiet", "origin", "main", at=work)

    assert shop.sha("main") == sha
    assert shop.record.store.blob(f"{sha}:large.txt").decode() == noise


def test_a_pull_request_from_a_fork_is_fetched_from_its_base(
    shop: RepositoryControl, git: Git, work: Path
) -> None:
    fork = shop.fork("stranger")
    sha = fork.push("theirs", {"theirs.txt": "1\n"}, author="stranger")
    number = shop.open_pull("theirs", fork=fork, author="stranger")

    git("fetch", "--quiet", "origin", f"refs/pull/{number}/head", at=work)
    assert git("rev-parse", "FETCH_HEAD", at=work) == sha

    again = fork.push("theirs", {"theirs.txt": "2\n"}, author="stranger")
    assert shop.pull(number)["head"]["sha"] == again == shop.sha(f"refs/pull/{number}/head")


def test_git_meets_faults_too(hub: GitHub, shop: RepositoryControl, git: Git, work: Path) -> None:
    sha = commit(git, work, "a", "1")
    hub.inject(faults.server_error(503), "GET *info/refs")
    with pytest.raises(RuntimeError, match="503"):
        git("push", "origin", "main", at=work)

    # git sends the same push again on a new connection, and meets its own
    hub.inject(faults.connection_reset(applied=True), "POST *git-receive-pack")
    with pytest.raises(RuntimeError, match=r"hung up|RPC failed|cannot lock ref"):
        git("push", "origin", "main", at=work)
    assert shop.sha("main") == sha


def test_a_directory_becomes_the_first_commit(hub: GitHub, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "file.txt").write_text("here\n")
    (source / "ignored.log").write_text("not here\n")
    (source / ".gitignore").write_text("*.log\n")
    run = source / "run.sh"
    run.write_text("#!/bin/sh\n")
    run.chmod(0o755)

    copied = hub.create_repository("acme", "copied", source)

    entries = {one.path: one.mode for one in copied.record.store.entries("main", "", inside=True)}
    assert entries == {".gitignore": "100644", "deep": "040000", "run.sh": "100755"}


def test_a_repository_on_disk_is_taken_with_its_branches(
    hub: GitHub, shop: RepositoryControl, git: Git, tmp_path: Path
) -> None:
    git("init", "--quiet", "--initial-branch=trunk", "own")
    first = commit(git, tmp_path / "own", "a", "1")
    git("branch", "side", at=tmp_path / "own")

    copied = hub.create_repository("acme", "copied", tmp_path / "own")

    assert copied.record.default_branch == "trunk"
    assert (copied.sha("trunk"), copied.sha("side")) == (first, first)
