"""Settles a file in which nothing but comments, white space or formatting changed."""

import re
from typing import Final

from eod.model.change import ChangeKind
from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.meaning.difference import Difference, begins_with_comments, plainly_differs
from eod.tiers.meaning.languages import Language, language_named, language_of
from eod.tiers.meaning.readers import cost, read
from eod.tiers.meaning.reading import ACTING, LETTER, Reading
from eod.tiers.meaning.reasons import alone, changed
from eod.tiers.opinion import Opinion

_LARGEST_SIDE: Final = 400_000
"""Characters of one side that are looked at."""
_LARGEST_HEAD: Final = 10_000
"""Characters of which it is tried whether they are only comments, before all is read."""
_BUDGET: Final = 40_000_000
"""What reading all files of a pull request may cost: two to three seconds."""
_TAGS: Final = re.compile(r"</[\w.]*>|/>")
_ADDED: Final = frozenset({ChangeKind.ADDED, ChangeKind.COPIED})


class Unchanged:
    """Asked about each file of one pull request; it stops reading where that has become too much.

    Args:
        budget: What reading may cost, in characters of the cheapest reader.
    """

    def __init__(self, budget: int = _BUDGET) -> None:
        self._left = budget

    def ask(self, file: ChangedFile, _case: Case) -> Opinion | None:
        """`none` if what the file means is the same before and after; else nothing."""
        language = language_of(file.path)
        if language is None or not _is_judged(file):
            return None
        old = "" if file.kind in _ADDED else file.old_text
        new = file.new_text
        modified = file.kind is ChangeKind.MODIFIED
        if max(len(old), len(new)) > _LARGEST_SIDE or (modified and old == new):
            return None
        if language.carriage_returns and modified and ("\r" in old) != ("\r" in new):
            return None
        readings = self._readings(old, new, _among_tags(language, old, new))
        if readings is None:
            return None
        if modified:
            return Opinion(Tier.NONE, *changed(file, language, *readings))
        return Opinion(Tier.NONE, *alone(new or old)) if language.alone else None

    def _readings(self, old: str, new: str, language: Language) -> tuple[Reading, Reading] | None:
        """Both sides, if they mean the same."""
        difference = Difference(old, new)
        if plainly_differs(difference, language):
            return None
        if language.left_alone and (language.left_alone.search(old) or language.left_alone.search(new)):
            return None
        before, after = self._beginnings(difference, language) or (None, None)
        if before is None or after is None:
            before, after = self._both(old, new, language)
        if language.reader == "python" and (before is None or after is None):
            # Another version of Python than this one: token by token, with its docstrings.
            before, after = self._both(old, new, language_named("Python tokens"))
        if before is None or after is None or before.code != after.code or not _same_kind(before, after, language):
            return None
        return before, after

    def _beginnings(self, difference: Difference, language: Language) -> tuple[Reading, Reading] | None:
        """Both sides up to the end of the change, if that is enough: the rest is the same and is read the same.

        A scanner is in the same state after the same code; a lexer, whose state is not known, after no code.
        """
        if language.tags or language.documentation or language.reader not in {"scan", "lexer"}:
            return None
        old, new = difference.beginnings
        lexed = language.reader == "lexer"
        if lexed and not (len(old) < _LARGEST_HEAD and begins_with_comments(new or old, language)):
            return None
        before, after = self._both(old, new, language)
        if before is None or after is None or before.code != after.code:
            return None
        if lexed and not all(map(_stands_before_code, before.code)):
            return None
        return before, after

    def _both(self, old: str, new: str, language: Language) -> tuple[Reading | None, Reading | None]:
        price = cost(language, max(len(old), len(new)))
        if price is None or 2 * price > self._left:
            return None, None
        self._left -= 2 * price
        before = read(old, language)
        return before, None if before is None else read(new, language)


def _is_judged(file: ChangedFile) -> bool:
    """A file that was moved, or of which the mode changed, is not the same to whoever looks for it."""
    if file.submodule or file.symlink or not file.readable or file.same_content:
        return False
    if file.kind in {*_ADDED, ChangeKind.DELETED}:
        return True
    return file.kind is ChangeKind.MODIFIED and file.change.old_mode == file.change.new_mode


def _among_tags(language: Language, old: str, new: str) -> Language:
    """JavaScript with tags in it is read as such, whatever the file is called."""
    if language.name == "JavaScript" and (_TAGS.search(old) or _TAGS.search(new)):
        return language_named("TSX")
    return language


def _same_kind(before: Reading, after: Reading, language: Language) -> bool:
    """Whether neither or both sides of a JSON file have comments, which many readers of JSON refuse."""
    strict = language.reader == "json" and not language.line
    return not strict or (before.comments is None) == (after.comments is None)


def _stands_before_code(lexeme: object) -> bool:
    return isinstance(lexeme, str) and (lexeme.startswith(ACTING) or lexeme in {"\n", " ", LETTER + "<?php"})
