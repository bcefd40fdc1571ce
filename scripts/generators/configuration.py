"""`docs/configuration.md`: every key of `.github/eod.yml`."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from eod.config import Config
from eod.config.loader import MINIMAL
from eod.config.placeholders import KNOWN
from eod.config.tiers import built_in_tiers
from eod.config.wording import expected, not_none
from scripts.generators.blocks import table

_INTRODUCTION = f"""\
# Configuration

`.github/eod.yml`, read from the base branch: what a pull request changes in it counts once it is merged. This is
enough:

```yaml
# yaml-language-server: $schema=https://raw.githubusercontent.com/neo01/eod-action/main/schema/eod.schema.json
{MINIMAL}```

An unknown key, a value of the wrong type and a value that cannot work end the run with exit code 2; every problem
of the file is reported at once, with its line and the nearest valid key. YAML is read as version 1.2: `yes`, `no`
and `on` are texts. Anchors and merge keys may be used; the file has at most a million characters.
"""

_PLACEHOLDERS = """\
## Placeholders

One word in braces, in the texts that take them. Doubled braces stand for themselves (`{{number}}` is the text
`{number}`); braces round anything else are left alone. What comes from outside is reduced to letters, digits and
`. _ / @ + -`.

"""

_TIERS = """\
## Built-in tiers

`tiers` changes them. Without a `terraform` section no tier runs Terraform.

"""

_RULES = """\
## Built-in rules

Who is asked about a changed file, in which order, and by which rules: [tiers.md](tiers.md), [rules.md](rules.md).
`rules` and `ignore` go before all of them; `switched-off` takes names of examiners and of path rules.
"""


def configuration_text() -> str:
    """The whole page."""
    root = inspect.type_info(Config)
    assert isinstance(root, inspect.StructType)
    parts = [_INTRODUCTION, *_sections(root, "")]
    parts.append(
        _PLACEHOLDERS + table(("Placeholder", "Stands for"), [(f"`{{{k}}}`", v) for k, v in KNOWN.items()])
    )
    parts.append(_TIERS + _built_in_tiers())
    parts.append(_RULES)
    return "\n".join(parts)


def _sections(struct: inspect.StructType, name: str) -> Iterator[str]:
    title = f"## `{name}`" if name else "## Top level"
    about = "" if not name else f"{(struct.cls.__doc__ or '').strip()}\n\n"
    rows = [_row(field) for field in struct.fields]
    yield f"{title}\n\n{about}{table(('Key', 'Takes', 'Default', 'Meaning'), rows)}"
    for field in struct.fields:
        inner, suffix = _inner(field.type)
        if inner is not None:
            path = f"{name}.{field.encode_name}" if name else field.encode_name
            yield from _sections(inner, f"{path}{suffix}")


def _row(field: inspect.Field) -> tuple[str, ...]:
    inner, suffix = _inner(field.type)
    takes = "a section, below" if inner and not suffix else _takes(field.type)
    meaning = _description(field.type) or (inner.cls.__doc__ or "" if inner else "")
    return f"`{field.encode_name}`", takes, _default(field), meaning


def _inner(kind: inspect.Type) -> tuple[inspect.StructType | None, str]:
    """The section that a field holds, with how its path goes on."""
    match kind:
        case inspect.Metadata():
            return _inner(kind.type)
        case inspect.StructType():
            return kind, ""
        case inspect.UnionType():
            return next((found for each in not_none(kind) if (found := _inner(each))[0]), (None, ""))
        case inspect.DictType():
            return _inner(kind.value_type)[0], ".<tier>"
        case inspect.VarTupleType():
            return _inner(kind.item_type)[0], "[]"
        case _:
            return None, ""


def _takes(kind: inspect.Type, extra: dict[str, Any] | None = None) -> str:
    match kind:
        case inspect.Metadata():
            return _takes(kind.type, {**(extra or {}), **(kind.extra or {})})
        case inspect.VarTupleType():
            return f"a list, each {_takes(kind.item_type)}"
        case inspect.UnionType() if len(not_none(kind)) == 1:
            return _takes(not_none(kind)[0], extra)
        case inspect.StructType():
            return "a section, below"
        case inspect.DictType():
            return f"a mapping, each value {_takes(kind.value_type)}"
        case _:
            return expected(kind, extra)


def _description(kind: inspect.Type) -> str:
    found = (kind.extra_json_schema or {}).get("description", "") if isinstance(kind, inspect.Metadata) else ""
    return str(found)


def _default(field: inspect.Field) -> str:
    if field.required:
        return "**required**"
    value = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    plain = msgspec.to_builtins(value)
    return (
        ""
        if plain in (None, "", (), {}) or _inner(field.type)[0]
        else f"`{json.dumps(plain, ensure_ascii=False)}`"
    )


def _built_in_tiers() -> str:
    rows = [
        (
            f"`{tier.name}`",
            ", ".join(f"`{name}`" for name in tier.capabilities),
            "yes" if tier.terraform else "no",
            f"{tier.minutes[0]:g} to {tier.minutes[1]:g}"
            if len(set(tier.minutes)) > 1
            else f"{tier.minutes[0]:g}",
            f"{tier.cost_per_day:g}",
        )
        for tier in built_in_tiers().values()
    ]
    return table(("Tier", "Capabilities", "Terraform", "Minutes until usable", "US dollars a day"), rows)
