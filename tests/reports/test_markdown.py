import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eod.reports import markdown as md
from tests.reports.nasty import TEXT
from tests.reports.reading import BARE_LINK, GAP, MENTION, REFERENCE, blocks, inlines, prose, tags, visible

PLACES = [
    "{}",
    "word {} word",
    "### {}",
    "- {}",
    "> {}",
    "| a | b |\n|:--|:--|\n| {} | c |",
    "**x** {}.",
    "<sub>{}</sub>",
]


@given(TEXT)
@example("- x")
@example("12. x")
@example("a|b")
@example("\\|")
@example("[x]: https://evil.test")
@pytest.mark.parametrize("place", PLACES)
def test_a_phrase_stays_text_wherever_it_stands(place, text):
    escaped = md.escape(f"{text}z")
    assert "\n" not in escaped
    assert blocks(place.format(escaped)) == blocks(place.format("word"))
    kinds = {token.type for token in inlines(f"word {escaped}")}
    assert kinds <= {"text", "text_special", "html_inline"}
    assert {name for name, _ in tags(f"word {escaped}")} <= {"span"}


@given(TEXT)
def test_nobody_is_mentioned_nothing_is_linked_or_referred_to(text):
    for written in (md.escape(f"a {text} b"), md.compose("{}", text)):
        seen = prose(written)
        assert not MENTION.search(seen)
        assert not REFERENCE.search(seen)
        assert not BARE_LINK.search(seen)


@given(TEXT)
def test_a_reader_sees_what_was_written(text):
    expected = " ".join(md._visible(md._SPACES.sub(" ", md._ANSI.sub("", text))).split())
    assert " ".join(visible(f"w {md.escape(text)}").split()) == " ".join(f"w {expected}".split())


@given(st.lists(TEXT).map("`".join))
@example("use `x` and `y`, not @z")
@example("`@team` and `#12`")
@example("a `b")
@example("\\`a`")
@example("`a|b` | `")
@example("``a``")
@pytest.mark.parametrize("place", PLACES)
def test_a_sentence_stays_a_sentence_wherever_it_stands(place, text):
    written = md.prose(f"{text}z")
    assert "\n" not in written
    assert blocks(place.format(written)) == blocks(place.format("word"))
    kinds = {token.type for token in inlines(f"word {written}")}
    assert kinds <= {"text", "text_special", "html_inline", "code_inline"}
    assert {name for name, _ in tags(f"word {written}")} <= {"span", "code"}
    seen = prose(f"word {written}")
    assert not MENTION.search(seen)
    assert not REFERENCE.search(seen)
    assert not BARE_LINK.search(seen)


def test_words_between_backticks_are_code_in_a_sentence():
    assert md.prose("Add `terraform:` to eod.yml.") == "Add `terraform:` to eod.yml."
    assert md.prose("one ` alone") == "one \\` alone"


@given(TEXT)
@pytest.mark.parametrize("place", PLACES)
def test_code_stays_code_wherever_it_stands(place, text):
    written = md.code(f"{text}z")
    assert blocks(place.format(written)) == blocks(place.format("`word`"))
    kinds = {token.type for token in inlines(f"w {written}")}
    assert kinds <= {"text", "text_special", "html_inline", "code_inline"}
    assert {name for name, _ in tags(f"w {written}")} <= {"code"}
    assert not MENTION.search(prose(f"w {written}"))


@given(TEXT)
def test_a_summary_takes_html_only(text):
    written = f"<details>\n<summary>{md.escape_html(text)} {md.code_html(text)}</summary>\n\nword\n\n</details>"
    assert blocks(written) == blocks("<details>\n<summary>x</summary>\n\nword\n\n</details>")
    assert {name for name, _ in tags(written)} <= {"details", "summary", "code", "span"}
    assert not MENTION.search(prose(written))


@given(TEXT)
def test_nothing_closes_a_fence_from_inside(text):
    written = f"before\n\n{md.fence(text)}\n\nafter"
    assert blocks(written) == blocks("before\n\n```\nx\n```\n\nafter")


def test_a_fence_keeps_lines_and_indentation_and_drops_colours():
    assert md.fence("a\n  b\x1b[31m\tc\n", "hcl") == "```hcl\na\n  b    c\n```"
    assert md.fence("```").startswith("````\n")


@given(TEXT)
def test_a_link_goes_to_the_web_or_nowhere(text):
    for written in (md.link("label", text), md.link(text, "https://ok.test/")):
        targets = [token.attrs["href"] for token in inlines(f"w {written}") if token.type == "link_open"]
        assert all(target.startswith(("http://", "https://")) for target in targets)
        assert len(targets) <= 1
    assert blocks(f"| a |\n|--|\n| {md.link('l', f'https://x.test/{text}')} |") == blocks(
        "| a |\n|--|\n| [l](u) |"
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "/path", "http://", "data:text/html,x", "https://[x"])
def test_what_is_no_address_of_the_web_is_no_link(url):
    assert md.link("label", url) == "label"


def test_addresses_are_encoded_where_they_could_end_the_link():
    assert md.link("x", "https://a.test/(b)?c=d&e=<f> |g") == "[x](https://a.test/%28b%29?c=d&e=%3Cf%3E%20%7Cg)"
    assert md.safe_url("https://a.test/" + "x" * 2000) == ""


def test_common_texts_stay_readable():
    assert md.escape("Fix the cart, please (again)") == "Fix the cart, please (again)"
    assert md.escape("13 to add, 0 to change") == "13 to add, 0 to change"
    assert md.escape("at 11:32:05") == "at 11:32:05"
    assert md.code("db/V2__add.sql") == "`db/V2__add.sql`"
    assert md.escape("@octocat") == f"@{GAP}octocat"
    assert md.escape("$5 and $6") == "<span>$</span>5 and <span>$</span>6"


def test_long_phrases_are_cut():
    assert len(md._phrase("x" * 5000)) == md.TEXT_CHARACTERS
    assert md.escape("x" * 5000).endswith("…")


def test_markdown_of_ours_is_not_escaped_twice():
    assert md.escape(md.escape("a_b")) == "a\\_b"
    assert md.compose("**{}** {}", md.code("a"), "b*") == "**`a`** b\\*"
    assert md.join(" · ", [md.code("a"), md.Markdown(""), md.code("b")]) == "`a` · `b`"
    assert md.escape_html(md.code_html("a")) == "<code>a</code>"


def test_nothing_is_nothing():
    assert md.escape(None) == ""
    assert md.code("") == ""
    assert md.code_html("") == ""


def test_lines_are_cut_whole():
    assert md.cut_lines("ab\ncd\nef", 100) == ("ab\ncd\nef", 0)
    assert md.cut_lines("ab\ncd\nef", 6) == ("ab\ncd", 1)
    assert md.cut_lines("abcdef", 3) == ("", 1)
