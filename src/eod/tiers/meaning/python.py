"""Reads Python as Python does. What a file means is its syntax tree without docstrings."""

import ast
import re
import tokenize
import warnings
from collections.abc import Hashable, Iterator
from io import StringIO
from itertools import chain
from typing import Final

from eod.tiers.meaning.reading import Reading

_ACTING: Final = re.compile(
    r"\A#!.*|\A(?:.*\n)?[ \t\f]*#.*?coding[:=].*|^# (?:MAGIC|COMMAND ---).*|^# Databricks notebook source",
    re.MULTILINE,
)
_PROMPT: Final = re.compile(r"tool|prompt|agent", re.IGNORECASE)
_INLINE_METADATA: Final = re.compile(r"^# ///", re.MULTILINE)
_COMMENT_LINE: Final = re.compile(r"^#.*", re.MULTILINE)
_EMPTY: Final = ("Module", 0, 0)
_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_BETWEEN: Final = frozenset({tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT})
_FAILURES: Final = (SyntaxError, ValueError, RecursionError, MemoryError)


def read_python(text: str) -> Reading | None:
    """What `text` means; `None` if this Python cannot parse it.

    Comments that do something are kept: the interpreter's line, the encoding (PEP 263), inline metadata (PEP 723),
    Databricks' notebook cells. Docstrings are kept where the program reads them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            code = tuple(_code(text))
        except _FAILURES:
            return None
    return Reading(() if code == _EMPTY else code)


def lines_of_code(text: str) -> list[str] | None:
    """The lines of `text` without comments and docstrings; `None` if they cannot be told."""
    rows = text.split("\n")
    try:
        found = list(_apart(text))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
    for (first, start), (last, end) in reversed(found):
        rows[first - 1 : last] = [rows[first - 1][:start] + rows[last - 1][end:], *[""] * (last - first)]
    return [line for row in rows if (line := " ".join(row.split()))]


def _apart(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where comments and docstrings begin and end."""
    begins = True
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type == tokenize.COMMENT or (begins and token.type == tokenize.STRING):
            yield token.start, token.end
        elif token.type not in _BETWEEN:
            begins = False
        if token.type == tokenize.NEWLINE:
            begins = True


def _code(text: str) -> Iterator[Hashable]:
    tree = ast.parse(text)
    kept = _COMMENT_LINE if _INLINE_METADATA.search(text) else _ACTING
    yield from ("#" + match.group() for match in kept.finditer(text))
    yield from _flat(tree, keep_docstrings="__doc__" in text or "getdoc" in text)


def _flat(tree: ast.AST, *, keep_docstrings: bool) -> Iterator[Hashable]:
    """The tree in a row, without recursion."""
    stack: list[object] = [tree]
    while stack:
        item = stack.pop()
        if isinstance(item, ast.Constant):
            yield "constant", type(item.value).__name__, repr(item.value)
        elif isinstance(item, ast.AST):
            yield type(item).__name__
            fields = [getattr(item, name, None) for name in item._fields]
            if isinstance(item, _DOCUMENTED) and not (keep_docstrings or _is_prompt(item)):
                fields = [_undocumented(item.body) if value is item.body else value for value in fields]
            stack.extend(reversed(fields))
        elif isinstance(item, list):
            yield len(item)
            stack.extend(reversed(item))
        else:
            yield repr(item)


def _undocumented(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        body = body[1:]
    # A body cannot be empty: whoever removes a docstring may have to write `pass`.
    return [each for each in body if not isinstance(each, ast.Pass)]


def _is_prompt(node: ast.AST) -> bool:
    """Whether a decorator hands the docstring to somebody, as a language model's tool does."""
    decorators = chain.from_iterable(map(ast.walk, getattr(node, "decorator_list", ())))
    return any(_PROMPT.search(getattr(each, "id", "") or getattr(each, "attr", "")) for each in decorators)
