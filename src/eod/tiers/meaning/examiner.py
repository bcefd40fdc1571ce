"""Settles a file in which nothing but comments, white space or formatting changed."""

import re
from typing import Final

from eod.model.change import ChangeKind
from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.lines import Lines
from eod.tiers.meaning.difference import Difference, plainly_differs
from eod.tiers.meaning.languages import Language, language_named, language_of
from eod.tiers.meaning.reading import Reading
from eod.tiers.meaning.readers import read
from eod.tiers.opinion import Opinion

COMMENTS: Final = "comments"
WHITESPACE: Final = "whitespace"
FORMATTING: Final = "formatting"

_LARGEST_SIDE: Final = 400_000
"""Characters of one side that are read."""
_BUDGET: Final = 8_000_000
"""Characters that are read in all."""
_PRICE: Final = {"lexer": 4, "lines": 1, "scan": 1}
_TAGS: Final = re.compile(r"</[\w.]*>|/>")
_RANGES: Final = 3


class Unchanged:
    """Asked about each file of one pull request; it stops reading where that has become too much."""

    def __init__(self) -> None:
        self._left = _BUDGET

    def ask(self, file: ChangedFile, _case: Case) -> Opinion | None:
        """`none` if what the file means is the same before and after; else nothing."""
        if not _is_judged(file):
            return None
        old, new = "" if file.kind is ChangeKind.COPIED else file.old_text, file.new_text
        language = language_of(file.path)
        if language is None or max(len(old), len(new)) > _LARGEST_SIDE or old == new != "":
            return None
        if language.carriage_returns and ("\r" in old) != ("\r" in new):
            return None
        language = _among_tags(language, old, new)
        difference = Difference(old, new)
        if plainly_differs(difference, language) or not self._may_read(old, new, language):
            return None
        before, after = _readings(old, new, language)
        if before is None or after is None or before.code != after.code:
            return None
        if file.kind is not ChangeKind.MODIFIED:
            return _alone(file, language)
        return _opinion(file, language, before, after)

    def _may_read(self, old: str, new: str, language: Language) -> bool:
        price = _PRICE.get(language.reader, 2) * (len(old) + len(new))
        if price > self._left:
            return False
        self._left -= price
        return True


def _is_judged(file: ChangedFile) -> bool:
    if file.submodule or file.symlink or not file.readable or file.same_content:
        return False
    if file.kind in {ChangeKind.ADDED, ChangeKind.COPIED, ChangeKind.DELETED}:
        return True
    return file.kind is ChangeKind.MODIFIED and file.change.old_mode == file.change.new_mode


def _among_tags(language: Language, old: str, new: str) -> Language:
    """JavaScript with tags in it is read as such, whatever the file is called."""
    if language.name == "JavaScript" and (_TAGS.search(old) or _TAGS.search(new)):
        return language_named("TSX")
    return language


def _readings(old: str, new: str, language: Language) -> tuple[Reading | None, Reading | None]:
    before = read(old, language)
    after = read(new, language) if before is not None else None
    if language.reader == "python" and (before is None or after is None):
        # Another version of Python than this one; token by token, with its docstrings.
        language = language_named("Python tokens")
        return read(old, language), read(new, language)
    if language.reader == "json" and not language.line and not _both_strict(before, after):
        return None, None
    return before, after


def _both_strict(before: Reading | None, after: Reading | None) -> bool:
    """Whether neither or both sides have comments, which many readers of JSON refuse."""
    return (before is None) == (after is None) and (
        before is None or after is None or (before.comments is None) == (after.comments is None)
    )


def _alone(file: ChangedFile, language: Language) -> Opinion | None:
    if not language.alone:
        return None
    text = file.new_text or file.old_text
    if not text.strip():
        return Opinion(Tier.NONE, WHITESPACE, "The file is empty: nothing in it runs.")
    return Opinion(Tier.NONE, COMMENTS, "The file holds nothing but comments: nothing in it runs.")


def _opinion(file: ChangedFile, language: Language, before: Reading, after: Reading) -> Opinion:
    where = _where(file.lines)
    if _comments_differ(file.lines, language, before, after):
        return Opinion(Tier.NONE, COMMENTS, f"Only comments changed{where}.")
    if "".join(file.old_text.split()) == "".join(file.new_text.split()):
        return Opinion(Tier.NONE, WHITESPACE, f"Only white space changed{where}.")
    return Opinion(Tier.NONE, FORMATTING, f"Only the formatting changed{where}.")


def _comments_differ(lines: Lines, language: Language, before: Reading, after: Reading) -> bool:
    if before.comments is not None and after.comments is not None:
        return [" ".join(each.split()) for each in before.comments] != [
            " ".join(each.split()) for each in after.comments
        ]
    removed, added = (
        " ".join(" ".join(each.text for each in side).split()) for side in (lines.removed, lines.added)
    )
    opener = language.openers
    return opener is not None and removed != added and bool(opener.search(removed) or opener.search(added))


def _where(lines: Lines) -> str:
    """Where the change is: by the numbers of the new side, or of the old one if lines were only removed."""
    numbers = [line.number for line in lines.added or lines.removed]
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    if not ranges:
        return ""
    said = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in ranges[:_RANGES])
    more = " and more" if len(ranges) > _RANGES else ""
    plural = "line" if len(numbers) == 1 else "lines"
    return f" ({plural} {said}{more})" if lines.added else f" ({plural} {said}{more} of the old file)"
