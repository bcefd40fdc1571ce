"""Whether a changed file is about payment, identity, personal data, secrets or audit."""

import re
from functools import cache
from typing import Final

from msgspec import Struct

from eod import data
from eod.data.globs import Globs
from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.sensitive.reading import Reading, ReadLine, read_changes
from eod.tiers.sensitive.signals import ENOUGH, Hit, Signals, hits_of, weigh
from eod.tiers.sensitive.trivial import public_settings, trivial
from eod.tiers.sensitive.vocabulary import OWN, Vocabulary, vocabulary
from eod.tiers.sensitive.words import Level, Word

RULE: Final = "sensitive"
_SCRIPTS: Final = (".ts", ".js", ".mjs")
_PLACE: Final = 1.5
"""What a path says that says it only half."""
_TABLES: Final = frozenset({"payment", "identity", "personal data", OWN})
"""Subjects that have tables of their own."""
_EXAMPLE: Final = 0.5
_SHOWN: Final = 2.0
"""What the path of such a file says, if it says it surely."""
_DOUBT: Final = 0.35
"""How much words that are not sure say in what a browser loads: it asks for logins and prices everywhere."""
_MANIFEST: Final = re.compile(r"^apiVersion:", re.MULTILINE)


class Places(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files that are read in a particular way; patterns of `.gitignore`."""

    interface: tuple[str, ...]
    managing: tuple[str, ...]
    backend: tuple[str, ...]
    migrations: tuple[str, ...]
    deployment: tuple[str, ...]
    data: tuple[str, ...]
    examples: tuple[str, ...]


class _Table(Struct, frozen=True):
    places: Places


def sensitive(file: ChangedFile, case: Case) -> Opinion | None:
    """`full` for a file whose path or whose changed lines are about a sensitive subject."""
    words = vocabulary(case.config.words)
    said = _path(file, words)
    sure = said if said is not None and said.level is Level.SURE else None
    if not file.readable:
        return _full(_by_path(sure)) if sure else None
    opinion = _by_content(file, said, sure, words)
    return None if opinion is None or _others_judge(file, sure) else opinion


def _by_content(file: ChangedFile, said: Word | None, sure: Word | None, words: Vocabulary) -> Opinion | None:
    if file.same_content:
        return _full(_by_path(sure)) if sure else None
    reading = read_changes(file)
    if _only_prose(reading) or public_settings(file) or trivial(file, words):
        return None
    return _by_lines(file, said, sure, reading.lines, words)


def _by_lines(
    file: ChangedFile, said: Word | None, sure: Word | None, lines: tuple[ReadLine, ...], words: Vocabulary
) -> Opinion | None:
    fresh = file.added or file.deleted
    signals = weigh(hits_of(lines, file.path, words), lines, fresh=fresh)
    half = _PLACE if said else 0.0
    managing = said is not None and _is("managing", file.path)
    if sure is None and not managing and signals.score + half < ENOUGH:
        return None
    if _is("interface", file.path) and not _is("backend", file.path):
        return _interface(file, sure, lines, words, managing=managing)
    if sure is not None and (not _is("data", file.path) or sure == subject_of_path(file.name, words)):
        return _full(_by_path(sure))
    if _is("data", file.path) or (file.name.startswith(".") and not file.name.startswith(".env")):
        return None
    doubt = _EXAMPLE if _is("examples", file.path) else 1.0
    return _touching(signals, said) if (signals.score + half) * doubt >= ENOUGH else None


def _others_judge(file: ChangedFile, sure: Word | None) -> bool:
    """Whether what manifests or migrations mean is for others to say; a new migration's name may say it surely."""
    if _is("deployment", file.path) or _is_manifest(file):
        return True
    named = file.added and sure is not None and sure.subject in _TABLES
    return _is("migrations", file.path) and not named


def _is_manifest(file: ChangedFile) -> bool:
    return file.name.endswith((".yml", ".yaml")) and bool(
        _MANIFEST.search((file.new_text or file.old_text)[:20_000])
    )


def subject_of_path(path: str, words: Vocabulary) -> Word | None:
    """The word in a path that says most."""
    for subject, spec in words.files:
        if spec.match(path):
            return Word(path.rpartition("/")[2], subject, Level.SURE)
    found = [word for segment in path.split("/") for word in words.paths.found(segment)]
    return max(found, key=lambda word: word.level, default=None)


def _interface(
    file: ChangedFile, sure: Word | None, lines: tuple[ReadLine, ...], words: Vocabulary, *, managing: bool
) -> Opinion | None:
    logic = tuple(line for line in lines if _decides(line))
    if logic and managing:
        return _full("Concerns identity. It is where people manage who may do what.")
    if logic and sure is not None and file.name.endswith(_SCRIPTS) and sure == subject_of_path(file.name, words):
        return _full(_by_path(sure))
    fresh = file.added or file.deleted
    signals = weigh(hits_of(logic, file.path, words), logic, fresh=fresh, doubt=_DOUBT)
    return _touching(signals, sure) if signals.score + (_SHOWN if sure else 0.0) >= ENOUGH else None


_TAG: Final = re.compile(r"</?[A-Za-z][\w.:-]*|/?>")
_ATTRIBUTE: Final = re.compile(r"""[\w:@.\[\]#*-]{1,60}=\{?["'][^"']*["']\}?""")
_LOGIC: Final = re.compile(
    r"\w\(|[^=!<>]=[^=>]|\b(?:if|return|await|throw|unless|case|when)\b|&&|\|\||\?|=>|<%|\{%|\{\{[#@]|@(?:if|can|auth)"
)


_SHOWN_IF: Final = re.compile(
    r"\b(?:v-(?:if|else-if|show)|ng-(?:if|show|hide|disabled)|x-(?:if|show)|th:(?:if|unless)|sec:authorize)="
    r"|\*ngIf=|[:\[]disabled\]?="
)
"""Attributes of Vue, Angular, Alpine and Thymeleaf that decide who sees or does what."""


def _decides(line: ReadLine) -> bool:
    """Whether a line of a component does something, beyond markup, classes and text."""
    if _SHOWN_IF.search(line.whole):
        return True
    text = _TAG.sub(" ", _ATTRIBUTE.sub(" ", line.whole))
    return bool(_LOGIC.search(text))


def _only_prose(reading: Reading) -> bool:
    """Whether the lines are the same before and after but for text that people read, comments and spaces."""
    removed = [line for line in reading.lines if not line.added]
    added = [line for line in reading.lines if line.added]
    return reading.whole and _placed(removed) == _placed(added)


def _placed(lines: list[ReadLine]) -> list[tuple[int, str]]:
    """What each line says, and how many lines before it are the same on both sides: a line that moves changes."""
    return [(line.number - at, line.skeleton) for at, line in enumerate(lines) if line.skeleton]


def _path(file: ChangedFile, words: Vocabulary) -> Word | None:
    found = [word for path in file.paths if (word := subject_of_path(path, words))]
    return max(found, key=lambda word: word.level, default=None)


def _by_path(word: Word) -> str:
    shown = word.text.removesuffix("*")
    return f"Concerns {word.subject}. The path says `{shown}`."


def _touching(signals: Signals, said: Word | None) -> Opinion:
    hit = signals.best
    if hit is None:
        return _full(f"Concerns {said.subject if said else 'a sensitive subject'}.")
    also = f" The path says `{said.text.removesuffix('*')}`." if said else ""
    return _full(f"{_line(hit)} touches {hit.word.subject} (`{hit.shown}`).{also}")


def _line(hit: Hit) -> str:
    return f"Line {hit.number}" if hit.added else f"Removed line {hit.number}"


def _full(reason: str) -> Opinion:
    return Opinion(Tier.FULL, RULE, reason)


def _is(name: str, path: str) -> bool:
    return _spec(name).match(path)


@cache
def _spec(name: str) -> Globs:
    return Globs(getattr(data.read("sensitive", _Table).places, name))
