"""Changes that alter nothing that a program does: of their file the path alone says too much."""

import ast
import re
import warnings
from collections import Counter
from typing import Final

from eod.tiers.file import ChangedFile
from eod.tiers.sensitive.languages import language_of
from eod.tiers.sensitive.renaming import only_locals
from eod.tiers.sensitive.vocabulary import Vocabulary

_LARGEST: Final = 200_000
_PUBLIC: Final = re.compile(
    r"\s*(?:export\s+)?(?:VITE|NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|REACT_APP|VUE_APP|GATSBY|EXPO_PUBLIC|NG_APP)_"
    r"(?!\w*(?:SECRET|PRIVATE|PASSWORD))\w+\s*="
)
"""Variables that bundlers write into what every browser loads (https://vite.dev/guide/env-and-mode,
https://nextjs.org/docs/app/guides/environment-variables, https://nuxt.com/docs/guide/going-further/runtime-config);
a secret among them is one that gets out."""

_VERSION: Final = re.compile(r"(?<=/v)\d+(?=[/\"'])|(?<=\w@)\d[\w.]*")
_RUNS: Final = re.compile(r"^\s*export\s+(?!type\b)\w")
"""Exports a value: `export const url = "…"`; not `export { a } from "…"`."""

_INJECTS: Final = re.compile(
    r"\b(?:Annotated|Depends|Security|inject\w*|Inject\w*|get_type_hints|get_annotations|__annotations__|inspect|signature"
    r"|singledispatch\w*|add_api_route|fastapi|starlette|typer|pydantic|ninja|litestar|strawberry|beartype|typeguard"
    r"|wireup|dishka|punq|validate_call|FastMCP|mcp)\b"
)
"""Programs that read annotations when they run."""


def trivial(file: ChangedFile, words: Vocabulary) -> bool:
    """Whether a changed file does what it did: other imports' order or version, a local's name, Python's types."""
    if file.added or file.deleted or len(file.paths) > 1 or max(len(file.old_text), len(file.new_text)) > _LARGEST:
        return False
    return _only_imports(file) or _only_annotations(file) or only_locals(file, words)


def public_settings(file: ChangedFile) -> bool:
    """Whether a file of environment variables changes in nothing but those that every browser may read."""
    changed = [
        line.text for line in file.lines.both if line.text.strip() and not line.text.lstrip().startswith("#")
    ]
    return file.name.startswith(".env") and bool(changed) and all(map(_PUBLIC.match, changed))


def _only_imports(file: ChangedFile) -> bool:
    """The same imports in another order, or of another major version by their path."""
    imports = language_of(file.name).imports
    if imports is None:
        return False
    removed = [line.text for line in file.lines.removed if line.text.strip()]
    added = [line.text for line in file.lines.added if line.text.strip()]
    if not removed or not all(imports.search(line) and not _RUNS.search(line) for line in (*removed, *added)):
        return False
    if file.name.endswith(".py") and any(line[:1].isspace() or "*" in line for line in (*removed, *added)):
        return False  # which of two is imported may depend on their order
    return Counter(map(_without_version, removed)) == Counter(map(_without_version, added))


def _without_version(line: str) -> str:
    return _VERSION.sub("0", "".join(line.split()))


def _only_annotations(file: ChangedFile) -> bool:
    """Python's annotations of plain functions; those of decorated ones and of classes may do something."""
    if not file.name.endswith(".py") or any(_INJECTS.search(text) for text in (file.old_text, file.new_text)):
        return False
    before, after = _unannotated(file.old_text), _unannotated(file.new_text)
    return before is not None and before == after


def _unannotated(text: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(_Plain().visit(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


class _Plain(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # the name that ast looks for
        return self._plain(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:  # likewise
        return self._plain(node)

    def _plain(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        if not node.decorator_list and node.name != "__init__":
            node.returns = _acting(node.returns)
            arguments = node.args
            for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                each.annotation = _acting(each.annotation)
        return self.generic_visit(node)


def _acting(annotation: ast.expr | None) -> ast.expr | None:
    """An annotation that does something when the function is defined; else nothing."""
    nodes = () if annotation is None else ast.walk(annotation)
    return annotation if any(isinstance(node, (ast.Call, ast.NamedExpr, ast.Await)) for node in nodes) else None
