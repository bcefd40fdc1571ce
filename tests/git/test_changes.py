import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.errors import GitError
from eod.git.changes import parse_raw
from eod.model.change import ChangeKind

ZERO, ONE, TWO = "0" * 40, "1" * 40, "2" * 40


def entry(status, *paths, old=ONE, new=TWO, modes=("100644", "100644")):
    return (
        f":{modes[0]} {modes[1]} {old} {new} {status}".encode() + b"\0" + b"".join(path + b"\0" for path in paths)
    )


def test_each_kind_of_change_is_read():
    output = (
        entry("A", b"a", old=ZERO, modes=("000000", "100755"))
        + entry("D", b"d", new=ZERO, modes=("100644", "000000"))
        + entry("M", b"m")
        + entry("T", b"t", modes=("100644", "120000"))
        + entry("R086", b"old", b"new")
        + entry("C100", b"from", b"to")
    )
    changes = parse_raw(output)
    assert [(change.kind, change.path, change.old_path, change.similarity) for change in changes] == [
        (ChangeKind.ADDED, "a", None, 0),
        (ChangeKind.DELETED, "d", None, 0),
        (ChangeKind.MODIFIED, "m", None, 0),
        (ChangeKind.TYPE_CHANGED, "t", None, 0),
        (ChangeKind.RENAMED, "new", "old", 86),
        (ChangeKind.COPIED, "to", "from", 100),
    ]
    assert (changes[0].old_blob, changes[0].old_mode, changes[0].new_mode) == ("", "", "100755")
    assert (changes[1].new_blob, changes[1].new_mode) == ("", "")


def test_no_change_is_no_change():
    assert parse_raw(b"") == ()


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1).filter(lambda raw: b"\0" not in raw), min_size=2, max_size=5))
def test_any_path_is_read_back(paths):
    output = b"".join(entry("M", path) for path in paths) + entry("R100", paths[0], paths[1])
    read = parse_raw(output)
    assert [change.path.encode("utf-8", "surrogateescape") for change in read] == [*paths, paths[1]]
    assert read[-1].old_path is not None
    assert read[-1].old_path.encode("utf-8", "surrogateescape") == paths[0]


@pytest.mark.parametrize(
    "output", [b"nonsense\0", b":100644 100644 a b\0p\0", entry("X", b"p"), entry("R1", b"one"), entry("Mx", b"p")]
)
def test_another_form_is_an_error_and_never_an_empty_list(output):
    with pytest.raises(GitError, match="not understood"):
        parse_raw(output)
