import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eod.config.patterns import Pattern, PatternError, Text
from tests.runaway import RUNAWAY_SECONDS


def found(pattern: str, text: str) -> bool:
    return Pattern(pattern).found_in(Text(text))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("foo.*bar|baz", "x FOO y Bar", True),
        ("foo.*bar|baz", "BAZ", True),
        ("foo.*bar", "bar foo", False),
        (r"\bEOF\b", "unexpected EOF.", True),
        (r"\bEOF\b", "geofence", False),
        ("(a|b)c{2,3}", "xbcc", True),
        (r"Error 50[0234]\b", "error 503 ", True),
        (r"Error 50[0234]\b", "error 5031", False),
        (r"x\.y", "xzy", False),
        ("is (being )?deleted", "is deleted", True),
        ("^Invalid", "an Invalid", False),
        ('"[^"]+" does not exist', 'bucket "x" does not exist', True),
        ("a{x}", "a{x}", True),
        ("a|b.*", "b", True),
    ],
)
def test_what_is_found(pattern, text, expected):
    Pattern(pattern).check()
    assert found(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "empty"),
        ("a||b", "empty"),
        (".*", "empty"),
        ("x*", "every message"),
        ("(a+)+b", "repeated as a whole"),
        ("(a|a)*b", "repeated as a whole"),
        ("(ab){2}", "repeated as a whole"),
        ("a**", "repeats a repetition"),
        ("a{2}{3}", "repeats a repetition"),
        ("*a", "repeats nothing"),
        ("(?=x)", "only `(?:`"),
        (r"(x)\1", "not understood"),
        ("(a", "not closed"),
        ("[a", "not closed"),
        ("a)", "closes nothing"),
        ("a{2,1}", "no count"),
        ("a{1,5000}", "no count"),
        ("\\", "backslash"),
        ("[z-a]", "bad character range"),
        ("[[a]", "escape it"),
        ("[a--b]", "escape it"),
        ("a?" * 30 + "b", "too many ways"),
        (r"\d+\s+\w+", "too many ways"),
        ("x" * 1_001, "longer than"),
    ],
)
def test_what_is_refused(pattern, why):
    with pytest.raises(PatternError, match=re.escape(why)):
        Pattern(pattern).check()


PARTS = st.sampled_from(
    ["a", "b", "ab", ".", "[ab]", "[^a]", r"\d", r"\bx", "(a|b)", "(ab|c)?", "a+", "b*", "a{1,3}", ".*", " ", "x"]
)


@given(st.lists(PARTS, min_size=1, max_size=6), st.text("abx c1", max_size=30))
def test_it_finds_what_the_language_finds(parts, text):
    pattern = "".join(parts)
    try:
        ours = Pattern(pattern)
        ours.check()
    except PatternError:
        assume(False)
    theirs = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    if ours.found_in(Text(text)):
        assert theirs.search(text)
    elif ".*" not in pattern:
        assert not theirs.search(text)


@given(st.text(r"ab.*+?{}()[]|\^$123,-", max_size=25), st.text("ab", min_size=1, max_size=3))
def test_no_pattern_can_be_slow(pattern, unit):
    try:
        ours = Pattern(pattern)
        ours.check()
    except PatternError:
        assume(False)
    text = Text((unit * 8_000)[:8_000])
    started = time.process_time()
    ours.found_in(text)
    assert time.process_time() - started < RUNAWAY_SECONDS
