import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.terraform.cutting import beginning, end


@pytest.mark.parametrize(("text", "first", "last"), [
    ("one\ntwo\nthree", "one\ntwo", "three"),
    ("one\ntwo", "one\ntwo", "one\ntwo"),
    ("one two three", "one two", "three"),
    ("onetwothree", "", ""),
    ("one\n\n\n\n\n\n\nx", "one\n\n\n\n", "\n\n\n\n\n\nx"),
])  # fmt: skip
def test_lines_stay_whole_and_where_there_is_one_its_words(text, first, last):
    assert (beginning(text, 7), end(text, 7)) == (first, last)


@given(st.lists(st.sampled_from(["hunter2hunter2", "name", "=", "\n"])), st.integers(0, 60))
def test_no_word_is_cut_in_two(words, characters):
    text = " ".join(words)
    for kept in (beginning(text, characters), end(text, characters)):
        assert len(kept) <= characters
        assert set(kept.split()) <= set(text.split())
