"""Which reader reads which language."""

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from eod.tiers.meaning.documents import read_json, read_toml, read_yaml
from eod.tiers.meaning.languages import Language, language_named
from eod.tiers.meaning.lexed import lex
from eod.tiers.meaning.markup import read_markup
from eod.tiers.meaning.normal import normalize
from eod.tiers.meaning.plain_lines import read_lines
from eod.tiers.meaning.python import read_python
from eod.tiers.meaning.reading import Kind, Piece, Reading, UntrustedError
from eod.tiers.meaning.scan import scan

_LONGEST_LINE: Final = 5_000
"""Characters; a longer line is minified or data, and the expressions of lexers may take a long time on it."""

_LARGEST_JSON_WITH_COMMENTS: Final = 50_000
_OPEN_BLOCKS: Final = 20
"""Comments that do not end; from each of them some lexers look through all that follows."""
_BLANK_LINES: Final = re.compile(r"(?:[ \t\r\f]*\n){30}")
"""More of them in a row than anybody leaves; some lexers look through all that follow from each of them."""

_TAG_END: Final = re.compile(r"</|/>")
_BEFORE_STRING: Final = frozenset({*"(,=:+[{?&|;", "return", "from", "import", ""})
"""What stands before a string, and hardly before a quotation mark in the text of a page."""


def read(text: str, language: Language) -> Reading | None:
    """What `text` means in `language`; `None` where nothing should be said about it."""
    if language.left_alone and language.left_alone.search(text):
        return None
    try:
        return _READERS[language.reader].read(text, language)
    except UntrustedError:
        return None


def cost(language: Language, characters: int) -> int | None:
    """What reading so many characters costs, in characters of the cheapest reader; `None` if that is too much."""
    reader = _READERS[language.reader]
    return None if characters > min(reader.largest, language.largest) else characters * reader.price


class _Reader(Struct, frozen=True):
    """How long a text it may read, and what a character costs: both from measuring the time that it takes."""

    read: Callable[[str, Language], Reading | None]
    largest: int
    price: int


def _scanned(text: str, language: Language) -> Reading:
    if not language.tags:
        return normalize(scan(text, language), language)
    pieces = list(scan(text, language))
    return normalize(iter(pieces), language if _has_tags(pieces) else language_named("TypeScript"))


def _has_tags(pieces: list[Piece]) -> bool:
    """Whether a tag may end somewhere beside the strings, which may be full of them."""
    rest: list[str] = []
    before = ""
    for kind, text in pieces:
        if kind is not Kind.LITERAL or before not in _BEFORE_STRING:
            rest.append(text)
        if kind is Kind.CODE or kind is Kind.LITERAL:
            before = text
    return _TAG_END.search("".join(rest)) is not None


def _lexed(text: str, language: Language) -> Reading | None:
    if max(map(len, text.split("\n"))) > _LONGEST_LINE or _BLANK_LINES.search(text):
        return None
    if any(_count(begin, text) > _count(end, text) + _OPEN_BLOCKS for begin, end in language.block):
        return None
    return normalize(lex(text, language), language)


def _count(pattern: str, text: str) -> int:
    return sum(1 for _ in re.finditer(pattern, text, re.MULTILINE))


def _json(text: str, language: Language) -> Reading | None:
    """JSON where a reader may expect nothing else; with comments where that is the rule."""
    if language.line:
        return _scanned(text, language)
    reading = read_json(text)
    if reading is None and len(text) <= _LARGEST_JSON_WITH_COMMENTS:
        return _scanned(text, language_named("JSON with comments"))
    return reading


def _yaml(text: str, _language: Language) -> Reading | None:
    if "{{" in text or "{%" in text or "<%" in text:
        return read_lines(text, language_named("YAML template"))
    return read_yaml(text)


def _markup(text: str, language: Language) -> Reading:
    return read_markup(text, language, read)


_READERS: Final[dict[str, _Reader]] = {
    "scan": _Reader(_scanned, 200_000, 12),
    "lexer": _Reader(_lexed, 60_000, 40),
    "lines": _Reader(read_lines, 400_000, 1),
    "markup": _Reader(_markup, 200_000, 6),
    "python": _Reader(lambda text, _: read_python(text), 200_000, 8),
    "json": _Reader(_json, 400_000, 3),
    "toml": _Reader(lambda text, _: read_toml(text), 200_000, 5),
    "yaml": _Reader(_yaml, 400_000, 2),
}
