"""Text as somebody who means harm would write it."""

from hypothesis import strategies as st

from eod.reports.redact import redacted

PIECES = [
    "@octocat", "@acme/team", "#12", "acme/shop#12", "GH-12", "https://evil.test/x", "www.evil.test", "a@b.test",
    "<script>", "</details>", "<!--", "-->", "<img src=x onerror=y>", "</summary>", "&lt;", "&#64;you", "&copy;",
    "`", "``", "```", "~~~", "|", "\\", "\\|", "\n", "\r\n", "\t", "\n\n", "# x", "- x", "1. x", "> x", "    x",
    "[x](https://evil.test)", "![x](https://evil.test/p.png)", "[x]: https://evil.test", "**", "__", "~~", "$x$",
    "$$", "\u202e", "\u200b", "\x00", "\x1b[31m", "\ud800", "\u2028", "::error::", "{{ 7 * 7 }}", "{% raw %}",
    "---", "===", "|:--|:--|", "x", " ", "é", "💥",
]  # fmt: skip

TEXT = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


def poisoned(outcome, text):
    """The outcome with every text in it replaced."""
    return redacted(outcome, lambda _: text)
