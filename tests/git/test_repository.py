from typing import Any

import pytest

from eod.git.objects import Objects
from eod.git.source import GitSource
from eod.model.blob import Blob

pytestmark = pytest.mark.process

ODD = b"caf\xe9/a b\n\t'\".txt"


@pytest.fixture
def source(repository, our_git, tmp_path):
    with GitSource(our_git(repository.path), tmp_path / "state") as made:
        yield made


def test_both_sides_are_read_file_by_file(repository, source):
    base = repository.commit({"a.txt": "1\n", "dir/b.txt": "2\n"})
    head = repository.commit({"a.txt": "one\n", "dir/c/d.txt": "3\n"})
    with source.sides(source.changes(base, head)) as content:
        assert content.base.read("a.txt").data == b"1\n"
        assert content.head.read("a.txt").data == b"one\n"
        assert content.base.read("dir") is None
        assert content.base.read("missing.txt") is None
        assert content.base.entries("dir") == ("b.txt",)
        assert content.head.entries("dir") == ("b.txt", "c/")
        assert content.head.entries("") == ("a.txt", "dir/")
        assert content.head.entries("a.txt") == content.head.entries("nowhere") == ()


def test_blobs_are_read_by_the_names_that_the_changes_tell(repository, source):
    base = repository.commit({b"plain": "1\n", ODD: "old\n"})
    head = repository.commit({ODD: "new\n"})
    changes = source.changes(base, head)
    (change,) = changes.files
    with source.sides(changes) as content:
        assert content.blob(change.old_blob).data == b"old\n"
        assert content.blob(change.new_blob).data == b"new\n"
        assert content.head.read(change.path).data == b"new\n"
        assert content.blob("0" * 40) is None
        assert content.blob(head) is None


def test_a_blob_over_the_limit_tells_its_size_only(repository, our_git):
    head = repository.commit({"large": b"x" * 1_001, "small": b"x" * 1_000})
    with Objects(our_git(repository.path), limit=1_000) as objects:
        assert objects.blob(f"{head}:large") == Blob(1_001, None)
        assert objects.blob(f"{head}:small") == Blob(1_000, b"x" * 1_000)


def test_thousands_of_objects_take_two_processes(repository, our_git):
    head = repository.history("many", [{f"f{number}": f"{number}\n" for number in range(2_000)}])
    git: Any = CountingGit(our_git(repository.path))
    with Objects(git) as objects:
        for number in range(2_000):
            content = b"%d\n" % number
            assert objects.blob(f"{head}:f{number}") == Blob(len(content), content)
    assert git.started == [("cat-file", "--batch-check"), ("cat-file", "--batch")]


def test_what_is_read_ahead_is_what_is_read_one_by_one(repository, our_git):
    repository.commit({"a": "1\n", "large": b"x" * 300_000, "empty": ""})
    git = our_git(repository.path)
    names = [repository.git("rev-parse", f"HEAD:{name}") for name in ("a", "large", "empty")]
    with Objects(git) as objects:
        objects.read_ahead([*names, "", "0" * 40, repository.git("rev-parse", "HEAD")])
        assert [blob and blob.size for blob in map(objects.blob, names)] == [2, 300_000, 0]
        assert objects.blob(names[0]) == Blob(2, b"1\n")
        assert objects.blob("0" * 40) is None
        objects.read_ahead([])
        assert objects.blob(names[2]) == Blob(0, b"")


class CountingGit:
    def __init__(self, git):
        self._git = git
        self.started: list[tuple[str, ...]] = []

    def start(self, *command):
        self.started.append(command)
        return self._git.start(*command)
