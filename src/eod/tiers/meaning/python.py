"""Reads Python as Python does. What a file means is its syntax tree without docstrings."""

import ast
import re
import warnings
from collections.abc import Hashable, Iterator
from itertools import chain
from typing import Final

from eod.tiers.meaning.reading import Reading

_ACTING: Final = re.compile(
    r"\A#!.*|\A(?:.*\n)?[ \t\f]*#.*?coding[:=].*|^# (?:///|MAGIC|COMMAND ---).*|^# Databricks notebook source",
    re.MULTILINE,
)
_PROMPT: Final = re.compile(r"tool|prompt|agent", re.IGNORECASE)
_INLINE_METADATA: Final = re.compile(r"^# ///.*?^# ///$", re.MULTILINE | re.DOTALL)
_EMPTY: Final = ("Module", 0, 0)
_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_FAILURES: Final = (SyntaxError, ValueError, RecursionError, MemoryError)


def read_python(text: str) -> Reading | None:
    """What `text` means; `None` if this Python cannot parse it.

    Comments that do something are kept: the interpreter's line, the encoding (PEP 263), inline metadata (PEP 723),
    Databricks' notebook cells. Docstrings are kept where the program reads them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except _FAILURES:
            return None
    acting = [match.group() for match in chain(_ACTING.finditer(text), _INLINE_METADATA.finditer(text))]
    documents = "__doc__" in text or "getdoc" in text
    code = tuple(chain(("#" + line for line in acting), _flat(tree, keep_docstrings=documents)))
    return Reading(() if code == _EMPTY else code)


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
    return any(_PROMPT.search(ast.unparse(each)[:200]) for each in getattr(node, "decorator_list", ()))
