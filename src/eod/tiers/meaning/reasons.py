"""Says what changed in a file that means the same as before, for its author."""

from collections.abc import Iterable
from typing import Final

from eod.tiers.file import ChangedFile
from eod.tiers.lines import Line
from eod.tiers.meaning.languages import Language
from eod.tiers.meaning.python import lines_of_code
from eod.tiers.meaning.reading import Reading

COMMENTS: Final = "comments"
WHITESPACE: Final = "whitespace"
FORMATTING: Final = "formatting"
_FEW: Final = 200
"""Comments that are looked for in each changed line."""
_RANGES: Final = 3
"""Runs of lines that are named."""


def alone(text: str) -> tuple[str, str]:
    """The rule and the reason for a file in which nothing runs, and which was added or deleted."""
    if not text.strip():
        return WHITESPACE, "The file is empty: nothing in it runs."
    return COMMENTS, "The file holds nothing but comments: nothing in it runs."


def changed(file: ChangedFile, language: Language, before: Reading, after: Reading) -> tuple[str, str]:
    """The rule and the reason for a file that was changed."""
    where = _where(file)
    if _comments_differ(file, language, before, after):
        return COMMENTS, f"Only comments{_and_formatting(file, language, before, after)} changed{where}."
    if "".join(file.old_text.split()) == "".join(file.new_text.split()):
        return WHITESPACE, f"Only white space changed{where}."
    return FORMATTING, f"Only the formatting changed{where}."


def _comments_differ(file: ChangedFile, language: Language, before: Reading, after: Reading) -> bool:
    if before.comments is not None and after.comments is not None:
        return [_words(each) for each in before.comments] != [_words(each) for each in after.comments]
    removed = _words(" ".join(line.text for line in file.lines.removed))
    added = _words(" ".join(line.text for line in file.lines.added))
    opener = language.openers
    return opener is not None and removed != added and bool(opener.search(removed) or opener.search(added))


def _and_formatting(file: ChangedFile, language: Language, before: Reading, after: Reading) -> str:
    """Whether lines changed beside their comments."""
    if language.reader == "python":
        removed, added = lines_of_code(file.old_text), lines_of_code(file.new_text)
    else:
        removed = _without_comments(file.lines.removed, language, before)
        added = _without_comments(file.lines.added, language, after)
    return "" if removed == added else " and formatting"


def _without_comments(lines: Iterable[Line], language: Language, reading: Reading) -> list[str]:
    comments = {part.strip() for comment in reading.comments or () for part in comment.split("\n")}
    rest = []
    for line in lines:
        text = line.text.strip()
        if text in comments:
            continue
        code = _words(
            _before_comment(text, language) if reading.comments is None else _cut(text, language, comments)
        )
        rest += [code] if code else []
    return rest


def _cut(text: str, language: Language, comments: set[str]) -> str:
    """A line without the comments in it."""
    found = language.openers.search(text) if language.openers else None
    if found is None:
        return text
    if text[found.start() :] in comments:
        return text[: found.start()]
    for comment in sorted(comments, key=len, reverse=True) if len(comments) <= _FEW else ():
        text = text.replace(comment, " ") if comment else text
    return text


def _before_comment(text: str, language: Language) -> str:
    """A line up to where a comment begins outside quotes, for readers that do not tell comments."""
    at = doubles = singles = 0
    for found in language.openers.finditer(text) if language.openers else ():
        start = found.start()
        doubles += text.count('"', at, start)
        singles += text.count("'", at, start)
        at = start
        if (not start or text[start - 1].isspace()) and not (doubles % 2 or singles % 2):
            return text[:start]
    return text


def _words(text: str) -> str:
    return " ".join(text.split())


def _where(file: ChangedFile) -> str:
    """Where the change is: by the numbers of the new side, or of the old one if lines were only removed."""
    lines = file.lines.added or file.lines.removed
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line.number == ranges[-1][1] + 1:
            ranges[-1][1] = line.number
        else:
            ranges.append([line.number, line.number])
    if not ranges:
        return ""
    said = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ranges[:_RANGES])
    more = " and more" if len(ranges) > _RANGES else ""
    side = "" if file.lines.added else " of the old file"
    return f" ({'line' if len(lines) == 1 else 'lines'} {said}{more}{side})"
