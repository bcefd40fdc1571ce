"""The two sides of a file as manifests are compared."""

from typing import Final

from eod.model.change import ChangeKind
from eod.tiers.file import ChangedFile
from eod.tiers.rules import words_of

_TESTS: Final = frozenset({"test", "tests", "testing", "ci", "e2e", "cypress", "playwright"})
_DEVELOPMENT: Final = frozenset(
    {"dev", "development", "devcontainer", "local", "debug", "lint", "bench", "benchmark", "fuzz", "hack", "tools"}
)


def text_before(file: ChangedFile) -> str:
    """The text before the change; nothing for a copy, whose original is still there."""
    return "" if file.kind is ChangeKind.COPIED else file.old_text


def moved(file: ChangedFile) -> bool:
    """Whether the file has another name and the same content."""
    return file.same_content and file.kind is not ChangeKind.COPIED and len(file.paths) > 1


def for_tests(file: ChangedFile) -> bool:
    """Whether its name, or a directory's, says that it serves tests or CI."""
    return _says(file, _TESTS)


def for_development(file: ChangedFile) -> bool:
    """Whether its name, or a directory's, says that it serves developers."""
    return _says(file, _DEVELOPMENT)


def _says(file: ChangedFile, words: frozenset[str]) -> bool:
    directories = {part.lower().lstrip(".") for part in file.directory.split("/")}
    return not words.isdisjoint(directories) or not words.isdisjoint(words_of(file.name).split("-"))
