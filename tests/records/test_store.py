from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import tenacity
from msgspec import structs

from eod.errors import CancelledError, EodError, GitError, RecordError
from eod.model.record import Phase
from eod.records.machine import move
from eod.records.yaml import dump
from tests.records.conftest import BRANCH, NOW, record

pytestmark = pytest.mark.process


def write(store, one, message="pr-1: requested"):
    return store.update(one.environment, lambda _: one, message)


@pytest.fixture
def store(open_store, remote):
    return open_store(remote.path)


def test_no_branch_means_no_records(store):
    assert store.get("pr-1") is None
    assert store.all() == ()


def test_the_first_write_begins_the_branch_with_an_explanation(store, remote):
    assert write(store, record()) == record()
    assert remote.subjects() == ["pr-1: requested", "Begin the records of environments"]
    assert "eod-action" in remote.git("show", f"{BRANCH}:README.md")
    assert remote.git("show", f"{BRANCH}:environments/preview/pr-1.yaml") + "\n" == dump(record())
    assert remote.git("log", "-1", "--format=%an <%ae> %ad", "--date=iso-strict", BRANCH) == (
        "eod-action[bot] <eod-action[bot]@users.noreply.github.com> 2026-03-01T12:00:00+00:00"
    )


def test_what_one_job_writes_another_one_reads(open_store, remote):
    one, other = open_store(remote.path), open_store(remote.path)
    write(one, record())
    assert other.get("pr-1") == record()
    write(other, record("pr-2"), "pr-2: requested")
    assert [each.environment for each in one.all()] == ["pr-1", "pr-2"]


def test_each_transition_is_one_commit_that_changes_one_file(store, remote):
    write(store, record("pr-2"), "pr-2: requested")
    write(store, record())
    store.update("pr-1", lambda now: move(now, Phase.PLANNED, NOW), "pr-1: planned")
    assert remote.subjects()[0] == "pr-1: planned"
    assert remote.git("diff", "--name-only", f"{BRANCH}~1", BRANCH) == "environments/preview/pr-1.yaml"
    assert remote.git("rev-list", "--min-parents=2", BRANCH) == ""


def test_the_same_record_commits_nothing(store, remote):
    write(store, record())
    before = remote.git("rev-parse", BRANCH)
    assert store.update("pr-1", lambda now: now, "nothing") == record()
    assert store.update("pr-9", lambda now: None, "nothing") is None
    assert remote.git("rev-parse", BRANCH) == before


def test_nothing_is_begun_for_nothing(store, remote):
    assert store.update("pr-1", lambda now: now, "nothing") is None
    assert remote.git("for-each-ref") == ""


def test_the_last_commit_removes_the_record_and_carries_the_certificate(store, remote):
    write(store, record())
    write(store, record("pr-2"), "pr-2: requested")
    certificate = "pr-1: destroyed\n\nexisted: namespace pr-1\nremaining: nothing"
    assert store.update("pr-1", lambda now: None, certificate) is None
    assert store.get("pr-1") is None
    assert [each.environment for each in store.all()] == ["pr-2"]
    assert remote.git("log", "-1", "--format=%B", BRANCH) == certificate


def test_the_branch_survives_its_last_record(store):
    write(store, record())
    store.update("pr-1", lambda now: None, "pr-1: destroyed")
    assert store.all() == ()
    write(store, record())
    assert store.get("pr-1") == record()


def test_a_refused_move_writes_nothing(store, remote):
    write(store, record())
    before = remote.git("rev-parse", BRANCH)
    with pytest.raises(RecordError, match="cannot move from"):
        store.update("pr-1", lambda now: move(now, Phase.READY, NOW), "pr-1: ready")
    assert remote.git("rev-parse", BRANCH) == before


def test_who_loses_the_race_is_asked_again_with_the_newest_record(open_store, remote):
    slow, fast = open_store(remote.path, wait=lambda _: None), open_store(remote.path)
    write(slow, record())
    seen = []

    def decide(now):
        seen.append(now.phase)
        if len(seen) == 1:
            fast.update("pr-1", lambda each: move(each, Phase.PLANNED, NOW), "pr-1: planned")
        return move(now, Phase.PROVISIONING, NOW)

    assert slow.update("pr-1", decide, "pr-1: provisioning").phase is Phase.PROVISIONING
    assert seen == [Phase.REQUESTED, Phase.PLANNED]
    assert remote.subjects()[:2] == ["pr-1: provisioning", "pr-1: planned"]


def test_who_loses_the_race_to_begin_the_branch_goes_on_from_the_winners(open_store, remote):
    slow, fast = open_store(remote.path, wait=lambda _: None), open_store(remote.path)

    def decide(now):
        if fast.get("pr-2") is None:
            write(fast, record("pr-2"), "pr-2: requested")
        return record()

    slow.update("pr-1", decide, "pr-1: requested")
    assert remote.subjects() == ["pr-1: requested", "pr-2: requested", "Begin the records of environments"]


def test_a_race_that_is_never_won_ends_in_an_error(open_store, remote):
    slow, fast = open_store(remote.path, wait=lambda _: None, patience_seconds=0.3), open_store(remote.path)
    write(slow, record())

    def later(now):
        return (
            record("pr-2")
            if now is None
            else structs.replace(now, updated_at=now.updated_at + timedelta(seconds=1))
        )

    def decide(now):
        fast.update("pr-2", later, "pr-2: later")
        return move(now, Phase.PLANNED, NOW)

    with pytest.raises(RecordError, match="Others wrote to the records branch"):
        slow.update("pr-1", decide, "pr-1: planned")


@pytest.mark.parametrize("as_threads", [True, False])
def test_of_many_writers_at_once_none_loses_a_transition(open_store, remote, as_threads):
    """Eight writers, each with an environment of its own and all with one in common, five transitions each."""
    writers, rounds = 8, 5
    shared_store = open_store(remote.path, patience_seconds=600)

    def note(target, mark):
        def decide(now):
            before = now or record(target)
            return structs.replace(before, capabilities=(*before.capabilities, mark))

        return decide

    def work(name):
        store = shared_store if as_threads else open_store(remote.path, patience_seconds=600)
        for number in range(rounds):
            target = "pr-shared" if number % 2 else f"pr-{name}"
            store.update(target, note(target, f"{name}-{number}"), f"{target}: {name} {number}")

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(work, "abcdefgh"))

    subjects = remote.subjects()
    assert len(subjects) == writers * rounds + 1
    assert len(set(subjects)) == len(subjects)
    assert remote.git("rev-list", "--min-parents=2", BRANCH) == ""
    for commit in remote.git("rev-list", "--max-count", str(writers * rounds), BRANCH).splitlines():
        assert len(remote.git("diff", "--name-only", f"{commit}~1", commit).splitlines()) == 1
    records = {each.environment: each for each in open_store(remote.path).all()}
    shared = records["pr-shared"].capabilities
    assert sorted(shared) == sorted(f"{name}-{number}" for name in "abcdefgh" for number in (1, 3))
    for name in "abcdefgh":
        assert records[f"pr-{name}"].capabilities == tuple(f"{name}-{number}" for number in (0, 2, 4))
        assert [each for each in shared if each.startswith(name)] == [f"{name}-1", f"{name}-3"]


def test_a_push_that_the_servers_rules_refuse_is_no_endless_retry(store, remote):
    asked = remote.refuse("only admins may touch this branch")
    with pytest.raises(GitError, match="rules refused the push") as caught:
        write(store, record())
    assert "only admins may touch this branch" in caught.value.detail
    assert asked.read_text().count("x") == 1
    assert store.all() == ()


def test_a_remote_that_does_not_exist_is_an_error_and_never_an_empty_list(open_store, tmp_path):
    store = open_store(tmp_path / "nowhere.git")
    for ask in (store.all, lambda: store.get("pr-1"), lambda: write(store, record())):
        with pytest.raises(GitError, match="was not found"):
            ask()


def test_a_damaged_record_stops_everything_that_would_read_it(store, remote):
    write(store, record())
    write(store, record("pr-2"), "pr-2: requested")
    remote.put("environments/preview/pr-2.yaml", b"phase: asleep\n")
    assert store.get("pr-1") == record()
    for ask in (store.all, lambda: store.get("pr-2"), lambda: write(store, record("pr-2"))):
        with pytest.raises(RecordError) as caught:
            ask()
        assert caught.value.where == "environments/preview/pr-2.yaml:1"


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("environments/preview/notes.txt", b"hello", "`notes.txt` is no record"),
        ("environments/preview/pr-9.yaml", dump(record()).encode(), "the record of pr-1, under another name"),
        ("environments/preview/pr-9.yaml", b"\xff\xfe", "pr-9.yaml"),
        ("environments/preview/pr-9.yaml", b"", "pr-9.yaml"),
    ],
)
def test_a_listing_never_skips_what_it_cannot_read(store, remote, path, content, words):
    write(store, record())
    remote.put(path, content)
    with pytest.raises(RecordError) as caught:
        store.all()
    assert words in str(caught.value)


def test_files_elsewhere_on_the_branch_are_nobodys(store, remote):
    write(store, record())
    remote.put("environments/production/x.yaml", b"hello")
    remote.put("environments/preview.yaml", b"hello")
    assert store.all() == (record(),)


@pytest.mark.parametrize("name", ["../../x", "PR-1", "", "a/b", "-a", "a" * 64, "pr-1\n", "pr_1"])
def test_a_name_that_is_none_never_becomes_a_path(store, name):
    for ask in (lambda: store.get(name), lambda: store.update(name, lambda now: None, "x")):
        with pytest.raises(RecordError, match="is no name of an environment"):
            ask()


def test_a_record_is_written_under_its_own_name_only(store):
    with pytest.raises(RecordError, match="was to be written as that of"):
        store.update("pr-1", lambda now: record("pr-2"), "x")


def test_messages_are_texts_and_nothing_else(store, remote):
    message = "pr-1: --author=x $(touch /tmp/x)\n\n# a line that looks like a comment\n\x00\ud800ü"
    write(store, record(), message)
    assert remote.git("log", "-1", "--format=%B", BRANCH) == (
        "pr-1: --author=x $(touch /tmp/x)\n\n# a line that looks like a comment\n?ü"
    )


def test_a_cancel_while_waiting_gets_through(open_store, tmp_path):
    def cancelled(_seconds):
        raise CancelledError("The run was cancelled.")

    store = open_store("http://127.0.0.1:9/acme/shop.git", wait=cancelled)
    with pytest.raises(CancelledError):
        store.get("pr-1")


def test_a_server_that_is_out_of_reach_is_tried_again_and_then_said(open_store, monkeypatch):
    waited: list[float] = []
    # Each of its waits takes half of its patience, and what git takes does not count.
    monkeypatch.setattr(tenacity, "time", SimpleNamespace(monotonic=lambda: 30.0 * len(waited)))
    store = open_store("http://127.0.0.1:9/acme/shop.git", wait=waited.append, patience_seconds=60)
    with pytest.raises(EodError, match="cannot be reached") as caught:
        store.all()
    assert len(waited) == 2
    assert "127.0.0.1" in caught.value.detail


def test_only_the_state_directory_is_written_to(open_store, remote, tmp_path):
    before = set(tmp_path.iterdir())
    store = open_store(remote.path)
    write(store, record())
    store.all()
    assert {Path(path).name for path in set(tmp_path.iterdir()) - before} == {"state-1"}
