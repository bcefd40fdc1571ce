"""Markdown as GitHub shows it, on one HTML page that needs nothing from outside."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib.resources import files

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def render_page(documents: Sequence[tuple[str, str]], title: str = "Pull-request comments") -> str:
    """A page that shows each document, under its title, as a comment on GitHub.

    Args:
        documents: Title and Markdown of each.
        title: The page's.
    """
    body = "\n".join(
        f'<section class="comment"><h2 class="title">{html.escape(name)}</h2>'
        f'<div class="markdown-body">{render_markdown(text)}</div></section>'
        for name, text in documents
    )
    return _PAGE.format(title=html.escape(title), style=page_style(), body=body)


def page_style() -> str:
    """The style sheet that makes `markdown-body` look as on GitHub."""
    return files(__package__ or "demo").joinpath("page.css").read_text(encoding="utf-8")


def render_markdown(text: str) -> str:
    """Markdown as HTML, for an element of class `markdown-body`."""
    rendered: str = _markdown().render(text)
    return rendered


def _markdown() -> MarkdownIt:
    """CommonMark with what GitHub adds and we use: tables, strike-through, alerts."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.core.ruler.push("alerts", _alerts)
    return markdown


def _alerts(state: StateCore) -> None:
    """`> [!NOTE]` becomes a coloured block with a heading."""
    for index, token in enumerate(state.tokens):
        inside = state.tokens[index + 1 : index + 3]
        if token.type != "blockquote_open" or len(inside) < 2 or not inside[1].children:
            continue
        first = inside[1].children[0]
        kind = _ALERT.match(first.content)
        if kind is None:
            continue
        token.attrSet("class", f"alert alert-{kind[1].lower()}")
        token.attrSet("data-title", kind[1].capitalize())
        del inside[1].children[0]
        if inside[1].children and inside[1].children[0].type == "softbreak":
            del inside[1].children[0]
