"""What Python's mappers declare: Django, SQLAlchemy, SQLModel, Tortoise, Peewee."""

import ast
import re
import warnings
from collections.abc import Iterator
from functools import cache

from eod.tiers.schema.knowledge import found, hinted
from eod.tiers.schema.models.frameworks import known_models


def python_declarations(text: str) -> frozenset[str] | None:
    """Each declaration in `text` on one line; `None` where it looks like models and cannot be parsed."""
    python = known_models().python
    if not hinted(python.hints, text) or found(python.markers, text) is None:
        return frozenset()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            return frozenset(_in_body(tree.body, ""))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _in_body(body: list[ast.stmt], owner: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            if not _no_model(node):
                yield from _model(node, f"{owner}{node.name}")
        elif isinstance(node, ast.If | ast.Try):
            yield from _in_body(node.body, owner)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_call_of(node.value, "Table"):
            yield f"{_target(node)} = {_written(node.value)}"


def _model(node: ast.ClassDef, name: str) -> Iterator[str]:
    """A class that declares columns, with its bases: they may bring more of them."""
    columns = list(_in_class(node, f"{name}."))
    if columns:
        bases = (ast.unparse(base) for base in node.bases)
        yield f"class {name}({', '.join(base for base in bases if base != 'object')})"
    yield from columns


def _in_class(node: ast.ClassDef, owner: str) -> Iterator[str]:
    rows = any(each.arg == "table" and _is_true(each.value) for each in node.keywords)
    odoo = any(_name(base) in {"Model", "TransientModel", "AbstractModel"} for base in node.bases)
    for each in node.body:
        if isinstance(each, ast.ClassDef):
            if each.name == "Meta":
                yield from (f"{owner}Meta.{line}" for line in _meta(each))
            else:
                yield from _in_body([each], owner)
        elif isinstance(each, ast.Assign | ast.AnnAssign):
            yield from (f"{owner}{line}" for line in _column(each, rows=rows, model=odoo))


def _column(node: ast.Assign | ast.AnnAssign, *, rows: bool, model: bool) -> Iterator[str]:
    name = _target(node)
    if name in {"__tablename__", "__table_args__", "__table__"} and node.value is not None:
        yield f"{name} = {_written(node.value)}"
    elif isinstance(node, ast.AnnAssign):
        if _is_call_of(node.value, "relationship", "Relationship"):
            return
        mapped = _name(node.annotation) in {"Mapped", "WriteOnlyMapped"}
        if (
            (mapped and not name.startswith("__"))
            or (rows and not name.startswith("_"))
            or _declares(node.value, model=model)
        ):
            value = "" if node.value is None else f" = {_written(node.value)}"
            yield f"{name}: {ast.unparse(node.annotation)}{value}"
    elif _declares(node.value, model=model):
        yield f"{name} = {_written(node.value)}"


def _declares(value: ast.expr | None, *, model: bool) -> bool:
    """Whether `value` is a call that makes a column."""
    if not isinstance(value, ast.Call):
        return False
    known, name, root = known_models().python, _name(value.func), _root(value.func)
    if root and root not in known.roots:
        return False
    if name in known.column_calls:
        return name not in {"Required", "Optional", "PrimaryKey"} or not root
    return (name.endswith("Field") and name != "Field") or (model and root in known.roots and name[:1].isupper())


def _meta(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        if isinstance(each, ast.Assign) and _target(each) in known_models().python.meta:
            yield f"{_target(each)} = {_written(each.value)}"


def _written(node: ast.expr | None) -> str:
    """As text, without the arguments that the database does not see."""
    if node is None:
        return ""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            each.keywords = [word for word in each.keywords if word.arg not in known_models().python.neutral]
            each.args = [arg for arg in each.args if not _label(arg)]
    return ast.unparse(node)


def _label(node: ast.expr) -> bool:
    """A translated label, which Django takes as a field's first argument."""
    return isinstance(node, ast.Call) and _name(node.func) in {"_", "gettext_lazy", "_lazy", "ugettext_lazy"}


def _no_model(node: ast.ClassDef) -> bool:
    return any(_not_models().search(_name(base)) for base in node.bases)


def _is_call_of(node: ast.expr | None, *names: str) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in names


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _name(node: ast.expr) -> str:
    """The last name of `a.b.C`, `C` or `C[...]`."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _root(node: ast.expr) -> str:
    """The first name of `a.b.C`; empty for a bare one."""
    if not isinstance(node, ast.Attribute):
        return ""
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return inner.id if isinstance(inner, ast.Name) else "?"


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ""


@cache
def _not_models() -> re.Pattern[str]:
    return re.compile(known_models().python.not_models)
