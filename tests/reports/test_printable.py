import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.reports.printable import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jx", "\\x1b[2Jx"),
        ("a\u202etxt.exe", "a\\u202etxt.exe"),
        ("\udcff", "\\udcff"),
        ("\U000e0001", "\\U000e0001"),
        ("one\r\ntwo", "one\\r\\ntwo"),
        ("naïve 日本 🚀", "naïve 日本 🚀"),
    ],
)
def test_what_cannot_be_seen_is_told_and_the_rest_is_as_it_was(text, shown):
    assert plain(text) == shown


@given(st.text(st.characters()))
def test_whatever_it_was_it_can_be_printed(text):
    shown = plain(text)
    assert shown.isprintable()
    assert plain(shown) == shown
