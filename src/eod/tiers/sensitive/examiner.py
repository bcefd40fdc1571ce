"""Whether a changed file is about payment, identity, personal data, secrets or audit."""

import re
from functools import cache
from typing import Final

from msgspec import Struct
from pathspec import GitIgnoreSpec

from eod import data
from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.sensitive.languages import language_of
from eod.tiers.sensitive.reading import ReadLine, read_lines
from eod.tiers.sensitive.signals import ENOUGH, Hit, Signals, hits_of, weigh
from eod.tiers.sensitive.vocabulary import Vocabulary, vocabulary
from eod.tiers.sensitive.words import Level, Word

RULE: Final = "sensitive"
_SCRIPTS: Final = (".ts", ".js", ".mjs")
_PLACE: Final = 1.5
"""What a path says that says it only half."""
_SHOWN: Final = 2.0
"""What the path of such a file says, if it says it surely."""
_DOUBT: Final = 0.35
"""How much words that are not sure say in what a browser loads: it asks for logins and prices everywhere."""
_MANIFEST: Final = re.compile(r"^apiVersion:", re.MULTILINE)
_LINE_BREAKS: Final = str.maketrans({"\n": " ", "\r": " "})


class Places(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files that are read in a particular way; patterns of `.gitignore`."""

    interface: tuple[str, ...]
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
    if not file.readable:
        return _full(_by_path(said)) if said and said.level is Level.SURE else None
    if _is("deployment", file.path) or _is_manifest(file):
        return None
    if _is("migrations", file.path) and not (file.added and said and said.level is Level.SURE):
        return None
    if file.same_content:
        return _full(_by_path(said)) if said and said.level is Level.SURE else None
    lines = read_lines(file)
    if _only_prose(lines):
        return None
    interface = _is("interface", file.path) and not _is("backend", file.path)
    return _interface(file, said, lines, words) if interface else _backend(file, said, lines, words)


def _is_manifest(file: ChangedFile) -> bool:
    return file.name.endswith((".yml", ".yaml")) and bool(
        _MANIFEST.search((file.new_text or file.old_text)[:20_000])
    )


def subject_of_path(path: str, words: Vocabulary) -> Word | None:
    """The word in a path that says most."""
    for subject, spec in words.files:
        if spec.match_file(path.translate(_LINE_BREAKS)):
            return Word(path.rpartition("/")[2], subject, Level.SURE)
    found = [word for segment in path.split("/") for word in words.paths.found(segment)]
    return max(found, key=lambda word: word.level, default=None)


def _backend(
    file: ChangedFile, said: Word | None, lines: tuple[ReadLine, ...], words: Vocabulary
) -> Opinion | None:
    if (
        said is not None
        and said.level is Level.SURE
        and (not _is("data", file.path) or said == subject_of_path(file.name, words))
    ):
        return _full(_by_path(said))
    if _is("data", file.path) or (file.name.startswith(".") and not file.name.startswith(".env")):
        return None
    signals = weigh(hits_of(lines, language_of(file.name), words), lines, fresh=file.added or file.deleted)
    score = signals.score * (0.5 if _is("examples", file.path) else 1.0) + (_PLACE if said else 0.0)
    return _by_lines(signals, said) if score >= ENOUGH else None


def _interface(
    file: ChangedFile, said: Word | None, lines: tuple[ReadLine, ...], words: Vocabulary
) -> Opinion | None:
    logic = tuple(line for line in lines if _decides(line))
    signals = weigh(
        hits_of(logic, language_of(file.name), words), logic, fresh=file.added or file.deleted, doubt=_DOUBT
    )
    if logic and file.name.endswith(_SCRIPTS) and said is not None and said == subject_of_path(file.name, words):
        return _full(_by_path(said)) if said.level is Level.SURE else None
    score = signals.score + (_SHOWN if said and said.level is Level.SURE else 0.0)
    return _by_lines(signals, said) if score >= ENOUGH else None


_TAG: Final = re.compile(r"</?[A-Za-z][\w.:-]*|/?>")
_ATTRIBUTE: Final = re.compile(r"""[\w:@.\[\]#*-]+=\{?["'][^"']*["']\}?""")
_LOGIC: Final = re.compile(
    r"\w\(|[^=!<>]=[^=>]|\b(?:if|return|await|throw|unless|case|when)\b|&&|\|\||\?|=>|<%|\{%|\{\{[#@]|@(?:if|can|auth)"
)


def _decides(line: ReadLine) -> bool:
    """Whether a line of a component does something, beyond markup, classes and text."""
    text = _TAG.sub(" ", _ATTRIBUTE.sub(" ", line.whole))
    return bool(_LOGIC.search(text))


def _only_prose(lines: tuple[ReadLine, ...]) -> bool:
    """Whether the lines are the same before and after but for text that people read, comments and spaces."""
    removed = [line.skeleton for line in lines if not line.added and line.skeleton]
    added = [line.skeleton for line in lines if line.added and line.skeleton]
    return removed == added


def _path(file: ChangedFile, words: Vocabulary) -> Word | None:
    found = [word for path in file.paths if (word := subject_of_path(path, words))]
    return max(found, key=lambda word: word.level, default=None)


def _by_path(word: Word) -> str:
    shown = word.text.removesuffix("*")
    return f"Concerns {word.subject}. The path says `{shown}`."


def _by_lines(signals: Signals, said: Word | None) -> Opinion:
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
    return _spec(name).match_file(path.translate(_LINE_BREAKS))


@cache
def _spec(name: str) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(getattr(data.read("sensitive", _Table).places, name))
