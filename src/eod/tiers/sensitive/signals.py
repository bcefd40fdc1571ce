"""What changed lines touch, and how much that says together."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from eod.tiers.sensitive.languages import Language, language_of
from eod.tiers.sensitive.reading import ReadLine
from eod.tiers.sensitive.routes import declared_route
from eod.tiers.sensitive.sdks import import_subject
from eod.tiers.sensitive.vocabulary import Vocabulary
from eod.tiers.sensitive.words import Level, Word

ENOUGH: Final = 3.0
"""What a file's signals must come to, for it to be about a sensitive subject."""

_TOUCHED: Final = {Level.SURE: 3.0, Level.STRONG: 3.0, Level.GUARD: 0.25, Level.WEAK: 0.5}
"""By a word that the change adds or removes; guards count more where the change is about them."""
_KEPT: Final = {Level.SURE: 3.0, Level.STRONG: 1.0, Level.GUARD: 0.25, Level.WEAK: 0.15}
"""By a word that stands on changed lines before and after."""
_IN_TEXT: Final = 0.4
_ON_IMPORT: Final = 0.25
_MOST: Final = 1.5
"""What words that say little come to, however many they are, each kind of them by itself."""
_GUARD_SHARE: Final = 0.1
"""Guards are what a change is about from this share of its lines on."""

_ALONE: Final = 2
"""So few new lines with a guard were written for it; more of them are new code, guarded as all code is."""
_FEW: Final = 40
_STRONG_SHARE: Final = 0.05
"""A new file of more than a few lines is about a strong word from this share of its lines on."""

_SHOWN: Final = 60
_ROUTE: Final = re.compile(r"""["'`]/""")
_MEMBER: Final = re.compile(r"^\w+,$")
_IDENTIFIER: Final = re.compile(r"[^\W\d][\w$]*[!?]?(?:(?:\.|::|->)[^\W\d]\w*[!?]?)*")
_SIMPLE: Final = re.compile(r"\.|::|->")


class Hit(Struct, frozen=True):
    """One word on one changed line; `shown` is how the line writes it."""

    word: Word
    key: str
    shown: str
    number: int
    added: bool
    factor: float = 1.0


class Signals(Struct, frozen=True):
    """What the hits come to; `best` is the one to show."""

    score: float = 0.0
    subject: str = ""
    best: Hit | None = None


def hits_of(lines: Iterable[ReadLine], path: str, vocabulary: Vocabulary) -> list[Hit]:
    """Everything that changed lines of the file at `path` touch."""
    language = language_of(path.rpartition("/")[2])
    found: list[Hit] = []
    for line in lines:
        found.extend(_on(line, language, vocabulary))
        found.extend(_served(line, path, vocabulary))
    return found


def weigh(hits: Sequence[Hit], lines: Sequence[ReadLine], *, fresh: bool, doubt: float = 1.0) -> Signals:
    """What the hits say together: each word once, by its strongest hit.

    Args:
        hits: What was found.
        lines: On which lines.
        fresh: Whether all of the file is new, or goes: it has the guards that all code has.
        doubt: The factor for words that are not sure.
    """
    if not hits:
        return Signals()
    balance = Counter(hit.key for hit in hits if hit.added)
    balance.subtract(Counter(hit.key for hit in hits if not hit.added))
    guarding = not fresh and _is_about_guards(hits, lines)
    thin = fresh and len(lines) > _FEW and _share(hits, lines, Level.STRONG) < _STRONG_SHARE
    scores: dict[str, tuple[float, Hit, bool]] = {}
    for hit in hits:
        touched = balance[hit.key] != 0
        weight = (_TOUCHED if touched else _KEPT)[hit.word.level]
        if hit.word.level is Level.GUARD and guarding and touched:
            weight = _TOUCHED[Level.STRONG]
        if hit.word.level is Level.STRONG and thin:
            weight /= 2
        weight *= hit.factor * (1.0 if hit.word.level is Level.SURE else doubt)
        if weight > scores.get(hit.word.text, (0.0, hit, False))[0]:
            scores[hit.word.text] = (weight, hit, touched)
    return _sum(list(scores.values()))


def _sum(scores: list[tuple[float, Hit, bool]]) -> Signals:
    totals: dict[str, float] = {}
    for score, hit, touched in scores:
        kind = "full" if score >= ENOUGH or hit.word.level > Level.STRONG else f"{hit.word.level}-{touched}"
        totals[kind] = totals.get(kind, 0.0) + score
    score = sum(total if kind == "full" else min(total, _MOST) for kind, total in totals.items())
    best = max(scores, key=lambda each: (each[0], each[1].word.level, each[1].added, -each[1].number))[1]
    return Signals(score, best.word.subject, best)


def _is_about_guards(hits: Sequence[Hit], lines: Sequence[ReadLine]) -> bool:
    """Whether who may call is what changes, not only code that is guarded as all code is."""
    guarded = {(hit.number, hit.added) for hit in hits if hit.word.level is Level.GUARD}
    telling = [
        line
        for line in lines
        if (line.number, line.added) in guarded
        and ((line.hunk.removed and line.hunk.added) or _stands_alone(line))
    ]
    return len(telling) >= _GUARD_SHARE * _written(lines)


def _stands_alone(line: ReadLine) -> bool:
    return line.hunk.removed + line.hunk.added <= _ALONE and not _ROUTE.search(line.whole)


def _share(hits: Sequence[Hit], lines: Sequence[ReadLine], level: Level) -> float:
    """Of the lines with code, those with a hit of at least `level`."""
    found = {(hit.number, hit.added) for hit in hits if hit.word.level >= level}
    return len(found) / max(1, _written(lines))


def _written(lines: Sequence[ReadLine]) -> int:
    return sum(1 for line in lines if len(line.skeleton) > 1)


def _on(line: ReadLine, language: Language, vocabulary: Vocabulary) -> Iterable[Hit]:
    whole = vocabulary.friends.sub(" ", line.whole)
    module = _module(line.whole, language)
    if module is not None:
        subject = import_subject(language.ecosystem, module)
        if subject is not None:
            word = Word(f"import {module}", subject, Level.STRONG)
            yield Hit(word, f"import {module}", module, line.number, line.added)
        yield from _words(module, line, vocabulary, _ON_IMPORT)
        return
    for idiom in vocabulary.idioms:
        match = idiom.pattern.search(whole)
        if match:
            yield Hit(idiom.word, line.whole, match[0].strip(), line.number, line.added)
    factor = _ON_IMPORT if _MEMBER.match(line.whole) else 1.0
    code = vocabulary.friends.sub(" ", line.code) if whole != line.whole else line.code
    yield from _words(code, line, vocabulary, factor)
    for name in line.names:
        yield from _words(vocabulary.friends.sub(" ", name), line, vocabulary, _IN_TEXT)


def _served(line: ReadLine, path: str, vocabulary: Vocabulary) -> Iterable[Hit]:
    """What an address says, as surely as the path of a file would."""
    route = declared_route(path, line.whole)
    for segment in (route or "").split("/"):
        for word in vocabulary.paths.found(segment):
            if word.level is Level.SURE:
                said = Word(f"route {word.text}", word.subject, Level.STRONG)
                yield Hit(said, f"route {route}", route or "", line.number, line.added)


def _words(text: str, line: ReadLine, vocabulary: Vocabulary, factor: float) -> Iterable[Hit]:
    for match in _IDENTIFIER.finditer(text):
        chain = match[0]
        for part in _SIMPLE.split(chain):
            for word in vocabulary.names(part):
                yield Hit(word, part, chain if len(chain) <= _SHOWN else part, line.number, line.added, factor)


def _module(text: str, language: Language) -> str | None:
    match = language.imports.search(text) if language.imports else None
    return next((group for group in match.groups() if group), None) if match else None
