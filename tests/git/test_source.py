import os
import shutil
from itertools import count

import pytest

from eod.errors import GitError
from eod.git.source import GitSource
from eod.model.change import ChangeKind
from tests.git.conftest import Repository

pytestmark = pytest.mark.process


@pytest.fixture
def source(repository, our_git, tmp_path):
    with GitSource(our_git(repository.path), tmp_path / "state") as made:
        yield made


def clone(repository, tmp_path, home, *options):
    made = Repository(tmp_path / "clone", home)
    made.git("clone", "--quiet", *options, f"file://{repository.path}", ".")
    return made


def branch(repository, files, *, start="main"):
    repository.git("switch", "--quiet", "--create", "topic", start)
    head = repository.commit(files)
    repository.git("switch", "--quiet", "main")
    return head


def test_only_what_the_branch_changed_counts(repository, source):
    fork_point = repository.commit({"a": "1\n", "b": "1\n"})
    head = branch(repository, {"a": "2\n"})
    base = repository.commit({"b": "2\n"})
    changes = source.changes(base, head)
    assert (changes.base, changes.head, changes.merge_base) == (base, head, fork_point)
    assert [change.path for change in changes.files] == ["a"]


def test_names_of_commits_are_resolved(repository, source):
    repository.commit({"a": "1\n"})
    branch(repository, {"a": "2\n"})
    assert source.changes("main", "topic").files[0].kind is ChangeKind.MODIFIED


def test_every_kind_of_change_and_every_path_survives(repository, source):
    text = "".join(f"line {number}\n" for number in range(50))
    repository.commit({"moved": text, "gone": "1\n", "kept": "1\n"})
    odd = [
        b"sp ace",
        b"new\nline",
        b'quo"te',
        b"a b/b",
        b"\xff\xfe",
        "ümlaut".encode(),
        b":(glob)*",
        b"-dash",
        b"tab\there",
    ]
    repository.git("switch", "--quiet", "--create", "topic")
    repository.git("mv", "moved", "elsewhere")
    head = repository.commit(
        {"elsewhere": text + "one more\n", "gone": None, **{os.fsdecode(path): "x\n" for path in odd}}
    )
    found = {change.path: change for change in source.changes("main", head).files}
    assert found["elsewhere"].kind is ChangeKind.RENAMED
    assert found["elsewhere"].old_path == "moved"
    assert found["gone"].kind is ChangeKind.DELETED
    assert "kept" not in found
    added = {
        path.encode("utf-8", "surrogateescape")
        for path, change in found.items()
        if change.kind is ChangeKind.ADDED
    }
    assert added == set(odd)


def test_thousands_of_files_are_listed_completely(repository, source):
    base = repository.commit({})
    many = {f"d{number % 50}/f{number}": f"{number}\n" for number in range(3200)}
    head = repository.history("topic", [many], start=base)
    assert len(source.changes("main", head).files) == 3200


def test_unrelated_histories_are_an_error(repository, source):
    repository.commit({"a": "1\n"})
    repository.git("switch", "--quiet", "--orphan", "other")
    head = repository.commit({"b": "1\n"})
    with pytest.raises(GitError, match="no history in common"):
        source.changes("main", head)


@pytest.mark.parametrize("name", ["0" * 40, "nope", "", "--all", "-x"])
def test_a_commit_that_cannot_be_had_is_an_error(repository, source, name):
    repository.commit({"a": "1\n"})
    with pytest.raises(GitError, match="cannot be fetched"):
        source.changes("main", name)


def test_a_shallow_clone_is_deepened_until_the_merge_base_is_certain(repository, our_git, tmp_path, home):
    fork_point = repository.history("main", [{"b": f"{number}\n"} for number in range(80)])
    head = repository.history("topic", [{"a": "2\n"}], start=fork_point)
    base = repository.history("main", [{"b": f"again {number}\n"} for number in range(70)], start=fork_point)
    shallow = clone(repository, tmp_path, home, "--depth=1", "--branch=main")
    with GitSource(our_git(shallow.path), tmp_path / "state") as source:
        changes = source.changes(base, head)
    assert changes.merge_base == fork_point
    assert [change.path for change in changes.files] == ["a"]


def test_a_shallow_clone_becomes_complete_when_nothing_less_will_do(repository, our_git, tmp_path, home):
    fork_point = repository.history("main", [{"a": "1\n"}])
    head = repository.history("topic", [{"a": f"{number}\n"} for number in range(700)], start=fork_point)
    base = repository.history("main", [{"b": "1\n"}], start=fork_point)
    shallow = clone(repository, tmp_path, home, "--depth=1", "--branch=main")
    with GitSource(our_git(shallow.path), tmp_path / "state") as source:
        assert source.changes(base, head).merge_base == fork_point


def test_a_nearer_merge_base_behind_the_edge_of_a_shallow_clone_is_found(repository, our_git, tmp_path, home):
    """Both sides reach `far` in two steps and so in the clone; the head reaches `near` only past its edge."""
    tree = repository.git("mktree", stdin=b"")

    numbers = count()

    def commit(*parents):
        options = [option for parent in parents for option in ("-p", parent)]
        return repository.git("commit-tree", tree, "-m", f"Commit {next(numbers)}", *options)

    far = commit()
    near = commit(far)
    long_way = near
    for _ in range(5):
        long_way = commit(long_way)
    base = commit(near, commit(far))
    head = commit(commit(far), long_way)
    repository.git("branch", "main", base)
    repository.git("branch", "topic", head)
    shallow = clone(
        repository, tmp_path, home, "--depth=3", "--no-single-branch", "--no-checkout", "--branch=main"
    )
    assert shallow.git("merge-base", base, head) == far
    with GitSource(our_git(shallow.path), tmp_path / "state") as source:
        assert source.changes(base, head).merge_base == near


def test_unrelated_histories_of_a_shallow_clone_are_an_error_too(repository, our_git, tmp_path, home):
    repository.commit({"a": "1\n"})
    repository.commit({"a": "2\n"})
    repository.git("switch", "--quiet", "--orphan", "other")
    repository.commit({"b": "1\n"})
    head = repository.commit({"b": "2\n"})
    repository.git("switch", "--quiet", "main")
    shallow = clone(repository, tmp_path, home, "--depth=1", "--branch=main")
    with (
        GitSource(our_git(shallow.path), tmp_path / "state") as source,
        pytest.raises(GitError, match="in common"),
    ):
        source.changes("HEAD", head)


def test_a_missing_commit_is_fetched_by_its_name_and_a_complete_clone_stays_complete(
    repository, our_git, tmp_path, home
):
    repository.commit({"a": "1\n"})
    made = clone(repository, tmp_path, home)
    base = repository.commit({"a": "2\n"})
    head = branch(repository, {"b": "1\n"})
    refs = made.git("for-each-ref")
    with GitSource(our_git(made.path), tmp_path / "state") as source:
        assert [change.path for change in source.changes(base, head).files] == ["b"]
    assert made.git("rev-parse", "--is-shallow-repository") == "false"
    assert made.git("for-each-ref") == refs
    assert not (made.path / ".git" / "FETCH_HEAD").exists()


def test_a_commit_that_the_server_gives_only_by_ref_is_found_by_the_hint(repository, our_git, tmp_path, home):
    repository.commit({"a": "1\n"})
    made = clone(repository, tmp_path, home)
    head = branch(repository, {"b": "1\n"})
    repository.git("update-ref", "refs/pull/7/head", repository.history("later", [{"b": "2\n"}], start=head))
    repository.git("branch", "-D", "later")
    repository.git("branch", "-D", "topic")
    git = our_git(
        made.path,
        environment={"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.version", "GIT_CONFIG_VALUE_0": "0"},
    )
    with GitSource(git, tmp_path / "one") as source, pytest.raises(GitError, match="cannot be fetched"):
        source.changes("main", head)
    with GitSource(git, tmp_path / "two", hints=("refs/pull/7/head",)) as source:
        assert [change.path for change in source.changes("main", head).files] == ["b"]


def test_files_are_shown_as_a_commit_has_them(repository, source):
    head = repository.commit({"a b": b"\0raw\xff", "dir/x": "1\n"})
    repository.commit({"a b": "later\n"})
    assert source.show(head, "a b") == b"\0raw\xff"
    assert source.show(head, "nope") is None
    assert source.show(head, "dir") is None
    assert source.show("HEAD", "a b") == b"later\n"


def test_a_checkout_holds_exactly_the_commit_and_is_reused_and_removed(repository, our_git, tmp_path):
    first = repository.commit({"dir/a": "1\n", "run.sh": "#!/bin/sh\n"})
    repository.commit({"dir/a": "2\n", "b": "1\n"})
    status = repository.git("status", "--porcelain")
    with GitSource(our_git(repository.path), tmp_path / "state") as source:
        path = source.checkout(first)
        assert {str(each.relative_to(path)) for each in path.rglob("*")} == {"dir", "dir/a", "run.sh"}
        assert (path / "dir/a").read_text() == "1\n"
        assert source.checkout(first) == path
        assert source.checkout("HEAD") != path
    assert list((tmp_path / "state").iterdir()) == []
    assert repository.git("status", "--porcelain") == status
    assert repository.git("worktree", "list").count("\n") == 0


def test_nothing_that_a_commit_says_is_executed(repository, our_git, tmp_path, home):
    """Hooks, filters and text converters of the user's own git are named by attributes; none of them runs."""
    proof = tmp_path / "executed"
    touch = f"touch {proof}"
    for name in ("evil.smudge", "evil.clean", "evil.process"):
        repository.git("config", "--global", f"filter.{name}", touch)
    repository.git("config", "--global", "filter.evil.required", "true")
    repository.git("config", "--global", "diff.evil.textconv", touch)
    repository.git("config", "--global", "diff.evil.command", touch)
    repository.git("config", "core.fsmonitor", touch)
    hooks = repository.path / ".git" / "hooks"
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "post-rewrite"):
        (hooks / hook).parent.mkdir(exist_ok=True)
        (hooks / hook).write_text(f"#!/bin/sh\n{touch}\n")
    blob = repository.git("hash-object", "-w", "--stdin", stdin=b"a\n")
    attributes = repository.git("hash-object", "-w", "--stdin", stdin=b"* filter=evil diff=evil\n")
    link = repository.git(
        "hash-object", "-w", "--stdin", stdin=b'[submodule "s"]\npath = s\nurl = ext::sh -c x\nupdate = !x\n'
    )
    listing = (
        f"100644 blob {blob}\ta\n100644 blob {attributes}\t.gitattributes\n"
        f"100644 blob {link}\t.gitmodules\n160000 commit {'1' * 40}\ts\n"
    )
    tree = repository.git("mktree", "--missing", stdin=listing.encode())
    empty = repository.git("mktree", stdin=b"")
    root = repository.git("commit-tree", empty, "-m", "root")
    head = repository.git("commit-tree", tree, "-p", root, "-m", "evil")
    for hook in hooks.iterdir():
        hook.chmod(0o755)
    shutil.rmtree(proof, ignore_errors=True)
    proof.unlink(missing_ok=True)

    with GitSource(our_git(repository.path), tmp_path / "state") as source:
        assert len(source.changes(root, head).files) == 4
        assert source.show(head, "a") == b"a\n"
        path = source.checkout(head)
        assert (path / "a").read_text() == "a\n"
        assert list((path / "s").iterdir()) == []
    assert not proof.exists()


def test_a_repository_that_is_none_is_explained(our_git, tmp_path):
    (tmp_path / "empty").mkdir()
    with GitSource(our_git(tmp_path / "empty"), tmp_path / "state") as source, pytest.raises(GitError):
        source.changes("a", "b")


def test_a_checkout_that_fails_leaves_nothing_behind(repository, our_git, tmp_path):
    listing = f"100644 blob {'1' * 40}\tgone\n"
    tree = repository.git("mktree", "--missing", stdin=listing.encode())
    head = repository.git("commit-tree", tree, "-m", "broken")
    with GitSource(our_git(repository.path), tmp_path / "state") as source:
        with pytest.raises(GitError):
            source.checkout(head)
        assert list((tmp_path / "state").iterdir()) == []
