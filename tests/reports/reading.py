"""Markdown as GitHub would read it: CommonMark with tables, strike-through and bare links made clickable."""

import html
import re

from markdown_it import MarkdownIt

GAP = "\u200b"
ALLOWED = {"details", "summary", "sub", "span", "code"}
MENTION = re.compile(r"(?<![\w`/])@[A-Za-z0-9]")
REFERENCE = re.compile(r"#\d|\b[Gg][Hh]-\d")
BARE_LINK = re.compile(r"(?i)https?://|ftp://|\bwww\.")

_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tokens(markdown):
    return _READER.parse(markdown)


def blocks(markdown):
    """The types of all blocks, in order."""
    return [token.type for token in tokens(markdown)]


def inlines(markdown):
    return [child for token in tokens(markdown) for child in token.children or ()]


def tags(markdown):
    """Every HTML tag in it, as (name, closing)."""
    raw = [token.content for token in tokens(markdown) if token.type == "html_block"]
    raw += [token.content for token in inlines(markdown) if token.type == "html_inline"]
    found = re.findall(r"<(/?)([A-Za-z!][^\s>]*)[^>]*>", "\n".join(raw))
    return [(name, bool(closing)) for closing, name in found]


def is_well_formed(markdown):
    """Only tags of ours, each opened before it is closed, and nothing left open."""
    opened = []
    for name, closing in tags(markdown):
        if name == "!--":
            continue
        if name not in ALLOWED:
            return False
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    fences_closed = all(
        token.type != "fence" or re.search(r"(?m)^ {0,3}`{3,}\s*$", markdown) for token in tokens(markdown)
    )
    return not opened and fences_closed


def prose(markdown):
    """What GitHub's filters look at for mentions, references and bare links: text that is no code and no link."""
    parts, in_link, in_code = [], 0, 0
    for token in inlines(markdown):
        in_link += token.nesting if token.type.startswith("link_") else 0
        if token.type == "html_inline" and token.content.startswith(("<code", "</code")):
            in_code += -1 if token.content.startswith("</") else 1
        if token.type in {"text", "text_special"} and not in_link and not in_code:
            parts.append(token.content)
    summaries = re.findall(r"<summary>(.*?)</summary>", markdown)
    parts += [html.unescape(re.sub(r"<code>.*?</code>", "", one)) for one in summaries]
    return " ".join(parts)


def visible(markdown):
    """The text of one phrase as a reader sees it."""
    return "".join(token.content for token in inlines(markdown) if token.type != "html_inline").replace(GAP, "")
