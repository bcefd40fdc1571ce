"""Local variables under other names: the program is the same.

Only where the language tells what is local, and nobody can refer to it by its name: not a field, an argument, a
property, a column within a text.
"""

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from typing import Final

from eod.tiers.file import ChangedFile
from eod.tiers.sensitive.languages import language_of
from eod.tiers.sensitive.vocabulary import Vocabulary

_TOKENS: Final = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[^\W\d]\w*|\d[\w.]*|\n[ \t]*|[^\w\s]"
)
"""Texts, words, numbers, line breaks with what indents the next line, and signs."""

_SCRIPTS: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
_PYTHON: Final = ".py"
_DECLARES: Final = {
    **dict.fromkeys(_SCRIPTS, frozenset({"const", "let", "var"})),
    ".rs": frozenset({"let", "mut"}),
    ".go": frozenset[str](),
    _PYTHON: frozenset[str](),
}
"""Languages that are read, and the words one of which stands before each variable that gets a value, if any."""

_QUOTES: Final = ('"', "'", "`")
_OPEN: Final = frozenset({'"', "`"})
"""Left alone, they begin a text over several lines: what is in it was taken for code."""

_LOCAL: Final = re.compile(r"[a-z]\w*")
_MEMBER: Final = frozenset(".:@$>-&*")
_NAMING: Final = frozenset({"as", "def", "func", "fn", "function", "class"})
_NAMES: Final = 3
_BY_NAME: Final = frozenset({"locals", "vars", "eval", "exec"})
"""Functions of Python that read variables by their names."""

_FAILURES: Final = (SyntaxError, ValueError, RecursionError, MemoryError)


def only_locals(file: ChangedFile, words: Vocabulary) -> bool:
    """Whether local variables have other names, everywhere in the file, and nothing else changes."""
    suffix = next((each for each in _DECLARES if file.name.endswith(each)), None)
    if suffix is None:
        return False
    names = _renamed(_TOKENS.findall(file.old_text), _TOKENS.findall(file.new_text))
    if not names or any(
        not _LOCAL.fullmatch(each) or words.names(each) for pair in names.items() for each in pair
    ):
        return False
    code = _TOKENS.findall(_without_comments(file))
    if suffix != _PYTHON and not _OPEN.isdisjoint(code):
        return False
    places = [at for at, token in enumerate(code) if token in names]
    writing = [at for at in places if _is_written(code, at)]
    written, read = {code[at] for at in writing}, {code[at] for at in {*places} - {*writing}}
    declares = _DECLARES[suffix]
    return (
        written == read == set(names)
        and all(_is_plain(code, at) for at in places)
        and (not declares or all(code[at - 1] in declares for at in writing))
        and (suffix != _PYTHON or _local_in_python(file.old_text, file.new_text, set(names)))
    )


def _renamed(before: list[str], after: list[str]) -> dict[str, str]:
    """The new names by the old ones, if that is all that changes; else nothing."""
    if len(before) != len(after):
        return {}
    names = dict(pair for pair in zip(before, after, strict=True) if pair[0] != pair[1])
    if len(names) > _NAMES or len(set(names.values())) < len(names) or not set(names.values()).isdisjoint(before):
        return {}
    return names if [names.get(token, token) for token in before] == after else {}


def _without_comments(file: ChangedFile) -> str:
    text = file.old_text
    return language_of(file.name).spans.sub(
        lambda match: match[0] if match[0].startswith(_QUOTES) else "\n" * match[0].count("\n"), text
    )


def _is_plain(tokens: list[str], at: int) -> bool:
    """Whether it is neither a member, nor called, nor the name of an argument, a property or a field."""
    if tokens[max(at - 1, 0)] in _MEMBER | _NAMING or "export" in tokens[max(at - 2, 0) : at]:
        return False
    previous, following = _beside(tokens, at, -1), _beside(tokens, at, 1)
    if following in {"(", "!", "?"} or (following == ":" and not _is_written(tokens, at)):
        return False
    if previous in {"(", ","} and following == "=":
        return False
    return not (previous in {"{", ","} and following in {",", "}"})


def _beside(tokens: list[str], at: int, step: int) -> str:
    """The next sign in one direction, over line breaks."""
    at += step
    while 0 <= at < len(tokens) and tokens[at].startswith("\n"):
        at += step
    return tokens[at] if 0 <= at < len(tokens) else ""


def _is_written(tokens: list[str], at: int) -> bool:
    """Whether a value is given to it: `total = …`, `total := …`."""
    sign = tokens[at + 1 : at + 3]
    return sign == [":", "="] or (sign[:1] == ["="] and sign[1:] not in (["="], [">"]))


def _local_in_python(old: str, new: str, names: set[str]) -> bool:
    """Whether Python too says that they are variables of functions, and no text changes with them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            texts = [_texts(ast.parse(text)) for text in (old, new)]
            symbols = [
                (table.get_type() == "function", symbol)
                for table in _tables(symtable.symtable(old, "old", "exec"))
                for symbol in table.get_symbols()
            ]
        except _FAILURES:
            return False
    if texts[0] != texts[1] or any(f"@{name}" in text for name in names for text in texts[0]):
        return False
    if not _BY_NAME.isdisjoint(symbol.get_name() for _, symbol in symbols):
        return False
    return all(
        in_function and (symbol.is_free() or _is_local(symbol))
        for in_function, symbol in symbols
        if symbol.get_name() in names
    )


def _is_local(symbol: symtable.Symbol) -> bool:
    return symbol.is_local() and not (symbol.is_parameter() or symbol.is_imported() or symbol.is_namespace())


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    waiting = [table]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(one.get_children())


def _texts(tree: ast.AST) -> list[str]:
    return [repr(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)]
