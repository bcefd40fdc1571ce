import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.tiers.file import decode
from eod.tiers.lines import changed_lines
from tests.tiers.builders import case_of


def texts(lines):
    return [(line.number, line.text) for line in lines]


def file_of(old, new, path="a.py", **options):
    (file,) = case_of({} if old is None else {path: old}, {} if new is None else {path: new}, **options).files
    return file


def test_the_lines_that_differ_are_told_with_their_numbers():
    file = file_of("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n")
    assert texts(file.lines.removed) == [(2, "b")]
    assert texts(file.lines.added) == [(2, "B"), (5, "e")]


def test_all_of_an_added_or_deleted_file_changed():
    assert texts(file_of(None, "a\nb\n").lines.added) == [(1, "a"), (2, "b")]
    assert texts(file_of("a\n", None).lines.removed) == [(1, "a")]


def test_very_different_large_files_are_compared_without_regard_to_order():
    old = "\n".join(f"a{number}" for number in range(10_000))
    new = "\n".join(f"a{number}" for number in reversed(range(10_001)))
    assert texts(changed_lines(old, new).added) == [(1, "a10000")]


def test_sides_that_do_not_exist_are_none():
    assert file_of(None, "a").old is None
    assert file_of("a", None).new is None
    assert file_of("a", None).old_text == "a"


def test_a_binary_side_has_no_text_and_says_so():
    file = file_of(b"\0\1", b"\0\2")
    assert file.new.binary
    assert file.new.text is None
    assert not file.readable


def test_a_too_large_side_is_not_read():
    file = file_of("a", "a" * (8 << 20) + "b")
    assert file.new.too_large
    assert not file.readable


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "café"),
        (b"\xef\xbb\xbfa", "a"),
        ("\ufeffa".encode("utf-16-le"), "a"),
        ("\ufeffa".encode("utf-16-be"), "a"),
        (b"a\0b", None),
        (b"", ""),
    ],
)
def test_text_is_decoded_by_its_marks(data, text):
    assert decode(data) == text


@given(st.binary(max_size=50))
def test_any_bytes_are_text_or_binary(data):
    text = decode(data)
    assert text is None or isinstance(text, str)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_without_the_changed_lines_both_sides_are_the_same(old, new):
    lines = changed_lines("\n".join(old), "\n".join(new))
    gone, come = {line.number for line in lines.removed}, {line.number for line in lines.added}
    left = [text for number, text in enumerate(old, 1) if number not in gone]
    right = [text for number, text in enumerate(new, 1) if number not in come]
    assert left == right
