"""Every language that is known: a comment changes nothing, everything else does, and no bytes make it stumble."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tiers.meaning.samples import IDS, SAMPLES, rule

SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PATHS = st.sampled_from(IDS)
TRAILING = [sample for sample in SAMPLES if sample.trailing]
LOOKS_LIKE_COMMENT = re.compile(r"(?<=# )text|(?<=// )(?:text|raw|x|y|z)|(?<=http:)//|(?<=-- )[bcsx]\b")


def outside_text(sample):
    """Where a line can be put in without being text of the file."""
    first = 1 if sample.lines[0].startswith(("#!", "<?", "<template", "module", "package")) else 0
    return range(first, first + 1)


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_a_comment_on_a_line_of_its_own_changes_nothing(sample):
    for at in outside_text(sample):
        commented = "".join([*sample.lines[:at], sample.comment + "\n", *sample.lines[at:]])

        assert rule(sample.path, sample.plain, commented) == "comments"
        assert rule(sample.path, commented, sample.plain) == "comments"
        assert rule(sample.path, commented, commented.replace("note", "other words")) == "comments"


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_a_comment_at_the_end_of_the_file_changes_nothing(sample):
    if sample.path == "a.vue":
        return
    commented = sample.plain + sample.comment + "\n"

    assert rule(sample.path, sample.plain, commented) == "comments"


@pytest.mark.parametrize("sample", TRAILING, ids=lambda sample: sample.path)
def test_a_comment_at_the_end_of_a_line_changes_nothing(sample):
    commented = sample.code.replace("@@", sample.trailing)

    assert rule(sample.path, sample.plain, commented) == "comments"
    assert rule(sample.path, commented, sample.plain) == "comments"


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_every_word_counts(sample):
    for match in re.finditer(r"\w+", sample.plain):
        if re.fullmatch(r"_+|\d+", match.group()):
            continue
        changed = sample.plain[: match.start()] + "zz" + match.group() + sample.plain[match.end() :]

        assert rule(sample.path, sample.plain, changed) is None, changed


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_every_line_counts(sample):
    for at, line in enumerate(sample.lines):
        if line.strip() and "text" not in line:
            without = "".join([*sample.lines[:at], *sample.lines[at + 1 :]])

            assert rule(sample.path, sample.plain, without) is None, line


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_code_that_becomes_a_comment_no_longer_runs(sample):
    if "note" not in sample.comment:
        return
    for at, line in enumerate(sample.lines):
        code = line.strip()
        if code and "text" not in line:
            hidden = sample.comment.replace("note", code)
            commented = "".join([*sample.lines[:at], hidden + "\n", *sample.lines[at + 1 :]])

            assert rule(sample.path, sample.plain, commented) is None, commented


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_what_looks_like_a_comment_in_a_string_is_none(sample):
    for match in re.finditer(
        r"(?<=# )text|(?<=// )(?:text|raw|x|y|z)|(?<=http:)//|(?<=-- )[bcsx]\b", sample.plain
    ):
        changed = sample.plain[: match.start()] + "//changed" + sample.plain[match.end() :]

        assert rule(sample.path, sample.plain, changed) is None, changed


@SETTINGS
@given(path=PATHS, old=st.binary(), new=st.binary())
def test_no_bytes_make_it_stumble(path, old, new):
    rule(path, old, new)
    rule(path, None, new)
    rule(path, old, None)


MARKS = [
    "//",
    "/*",
    "*/",
    "#",
    '"',
    "'",
    "`",
    "${",
    "}",
    "{",
    "<!--",
    "-->",
    "{{",
    "}}",
    "/",
    "\\",
    "a",
    "b",
    "1",
    "<",
    ">",
    "<a>",
    "</a>",
    "(",
    ")",
    ",",
    ";",
    "--",
    "[[",
    "]]",
    "=",
    "$$",
    "{#",
    "#}",
    "<script>",
    "</script>",
    "|",
    ":",
    "-",
    "@",
    "%",
    "~",
    "r#",
    "<%#",
    "%>",
    "{{/*",
    "*/}}",
    '"""',
    "#{",
    "?>",
    "<?php",
    "@*",
    "*@",
    "[",
    "]",
    ".",
    "!",
    "~s(",
    "%w(",
    "$'",
    "q{",
]
FRAGMENTS = st.lists(
    st.sampled_from([*MARKS, "\n", " ", "\t", "\r\n", "<<EOT\n", "EOT\n", "=begin\n", "=end\n"]), max_size=25
).map("".join)


@SETTINGS
@given(path=PATHS, old=FRAGMENTS, new=FRAGMENTS)
def test_no_text_makes_it_stumble(path, old, new):
    rule(path, old, new)


@SETTINGS
@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_taking_out_any_character_but_white_space_is_a_change(sample, data):
    at = data.draw(st.integers(0, len(sample.plain) - 1))
    gone = sample.plain[at]
    # Trailing commas and quotes that may be left out are formatting in some languages.
    if gone.isspace() or gone in ",'\"" or "text" in sample.plain[max(0, at - 12) : at + 12]:
        return
    changed = sample.plain[:at] + sample.plain[at + 1 :]

    assert rule(sample.path, sample.plain, changed) is None, (gone, changed)


@SETTINGS
@given(
    sample=st.sampled_from([each for each in SAMPLES if each.trailing]), words=st.text("abc xyz.!?", max_size=30)
)
def test_any_words_may_stand_in_a_comment(sample, words):
    old = sample.code.replace("@@", sample.trailing)
    new = sample.code.replace("@@", sample.trailing.replace("note", "note" + words))

    assert (rule(sample.path, old, new) in {"comments", "whitespace"}) or old == new
