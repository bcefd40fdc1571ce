"""Putting text that comes from outside into Markdown, as GitHub renders it, so that it stays text.

Beyond Markdown itself, GitHub turns `@name`, `#12`, `GH-12` and bare addresses into mentions, cross references and
links after rendering, where no backslash helps: an invisible space between their characters does. Dollar signs can
start a formula; GitHub's advice is a span around them
(https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions).
"""

import html
import re
import unicodedata
from urllib.parse import quote, urlsplit

TEXT_CHARACTERS = 300
"""Where a single untrusted phrase (a title, a path) is cut."""

URL_CHARACTERS = 1_000

_GAP = "\u200b"
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)", re.DOTALL)
_SPACES = re.compile(r"\s+")
_REFERENCES = re.compile(r"@(?=[A-Za-z0-9_-])|#(?=\d)|:(?=//)|(?<=[Gg][Hh])-(?=\d)|(?i:\bwww)(?=\.)")
_BACKSLASHED = re.compile(r"[\\`*_\[\]|~]")
_AT_START = re.compile(r"^(?:(?P<number>\d{1,9})(?=[.)])|(?=[-+#=]))")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_TICKS = re.compile(r"`+")


class Markdown(str):
    """Text that is Markdown already: it is not escaped again."""

    __slots__ = ()


def escape(value: object) -> Markdown:
    """`value` as one phrase of plain text within a line, a heading, a list item or a table's cell."""
    if isinstance(value, Markdown):
        return value
    plain = html.escape(_phrase(value), quote=False)
    plain = _BACKSLASHED.sub(r"\\\g<0>", plain)
    plain = _AT_START.sub(lambda start: f"{start['number'] or ''}\\", plain)
    plain = _REFERENCES.sub(rf"\g<0>{_GAP}", plain)
    return Markdown(plain.replace("$", "<span>$</span>"))


def prose(value: object) -> Markdown:
    """A sentence in which words between backticks are code, as our own sentences have them; else as `escape`.

    Whoever wrote it: in code nothing has a meaning, so nobody gains anything by a backtick.
    """
    if isinstance(value, Markdown):
        return value
    plain = _phrase(value)
    if "``" in plain or plain.count("`") % 2:
        return escape(plain)
    first, *others = plain.split("`")
    # With signs around it a part keeps its own spaces, and only the first one can be at the start of a line.
    written = [escape(f"{first},")[:-1]]
    written += [escape(f"({part})")[1:-1] if index % 2 else code(part) for index, part in enumerate(others)]
    return Markdown("".join(written))


def escape_html(value: object) -> Markdown:
    """The same inside an HTML block, such as a `<summary>`, where Markdown is not read."""
    if isinstance(value, Markdown):
        return value
    plain = html.escape(_phrase(value))
    return Markdown(_REFERENCES.sub(rf"\g<0>{_GAP}", plain).replace("$", "<span>$</span>"))


def code(value: object) -> Markdown:
    """`value` as code within a line, also in a table's cell; nothing for nothing."""
    plain = _phrase(value)
    if not plain:
        return Markdown("")
    if "`" in plain or "|" in plain:
        return code_html(plain)
    return Markdown(f"`{plain}`")


def code_html(value: object) -> Markdown:
    """`value` as code inside an HTML block: every sign as an entity, which means nothing to Markdown."""
    plain = _PUNCTUATION.sub(lambda sign: f"&#{ord(sign[0])};", _phrase(value))
    return Markdown(f"<code>{plain}</code>" if plain else "")


def fence(value: str, language: str = "") -> Markdown:
    """`value` as a block of code, with a fence that nothing in it can close."""
    lines = [_visible(line) for line in _ANSI.sub("", value).splitlines()]
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return Markdown("\n".join([f"{ticks}{language}", *lines, ticks]))


def link(label: object, url: str) -> Markdown:
    """A link; only the label where the address is not one of the web."""
    target = safe_url(url)
    shown = escape(label)
    return Markdown(f"[{shown}]({target})") if target else shown


def safe_url(url: str) -> str:
    """`url` with everything encoded that could end a link, or nothing if it is no address of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > URL_CHARACTERS:
        return ""
    return quote(url.encode("utf-8", "replace"), safe="-._~:/?#@!&+,=%")


def compose(pattern: str, *values: object) -> Markdown:
    """`pattern`, Markdown of ours, with `{}` filled by escaped values."""
    return Markdown(pattern.format(*(escape(value) for value in values)))


def join(separator: str, values: list[Markdown]) -> Markdown:
    """Markdown joined by a separator of ours; empty parts are left out."""
    return Markdown(separator.join(value for value in values if value))


def shorten(text: str, characters: int) -> str:
    """`text`, or its beginning with an ellipsis."""
    return text if len(text) <= characters else text[: max(characters - 1, 0)].rstrip() + "…"


def cut_lines(text: str, characters: int) -> tuple[str, int]:
    """The first whole lines of `text` that fit, and how many lines were left out."""
    lines = text.splitlines()
    used = 0
    for index, line in enumerate(lines):
        used += len(line) + 1
        if used > characters:
            return "\n".join(lines[:index]), len(lines) - index
    return text, 0


def _phrase(value: object) -> str:
    if value is None:
        return ""
    one_line = _SPACES.sub(" ", _ANSI.sub("", str(value)[: TEXT_CHARACTERS * 4])).strip()
    return shorten(_visible(one_line), TEXT_CHARACTERS).strip()


def _visible(text: str) -> str:
    """Without characters that cannot be seen: they hide text, or turn its direction."""
    return "".join(c for c in text.replace("\t", "    ") if unicodedata.category(c) not in _DROPPED)
