"""`docs/rules.md`: who is asked about a changed file, and by which names they answer."""

import textwrap
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from eod.config import Config
from eod.data import read
from eod.data.kinds import Kind
from eod.model.tier import Tier
from eod.tiers.examiners import examiners_for
from eod.tiers.hcl.knowledge import table as hcl_table
from eod.tiers.hcl.knowledge import tiers_of
from eod.tiers.manifests.knowledge import knowledge as manifests
from eod.tiers.opinion import Stage
from eod.tiers.rules import RuleTable
from eod.tiers.schema.knowledge import knowledge as schema
from scripts.generators.blocks import table

_INTRODUCTION = """\
# Rules

Each line of evidence names its rule. Rules belong to examiners, which are asked in this order; the page on
[tiers](tiers.md#how-a-file-is-judged) says how. `switched-off` in the configuration takes names of examiners, and
names of the rules of `inert`, `harmless` and `places`, which look at the path alone. Names are stable.
"""
_BY_PATH = {Stage.INERT: "inert", Stage.HARMLESS: "harmless", Stage.WEIGHT: "places"}
_HEAD = ("Rule", "Tier", "About")
_WIDTH = 118


class RuleText(Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. `tiers` are what it may ask for, or `default-tier`."""

    name: str
    tiers: tuple[str, ...]
    about: str


class ExaminerText(Struct, frozen=True, forbid_unknown_fields=True):
    """One examiner: what it reads, from which tables of `eod.data` it knows, and the rules that code names."""

    name: str
    reads: str
    data: tuple[str, ...] = ()
    rules: tuple[RuleText, ...] = ()


class _Texts(Struct, frozen=True, forbid_unknown_fields=True):
    examiners: tuple[ExaminerText, ...]
    verdicts: tuple[RuleText, ...]


def rules_text() -> str:
    """The whole page."""
    stages = {examiner.name: examiner.stage for examiner in examiners_for(Config(domain="preview.example.com"))}
    sections = [_section(one, stages[one.name]) for one in texts().examiners]
    verdicts = f"## Without an examiner\n\n{_rules(texts().verdicts)}"
    return "\n".join([_INTRODUCTION, *sections, verdicts])


def examiners_table() -> str:
    """The examiners in their order, for the page on tiers."""
    rows = [
        (f"{examiner.stage}", f"[`{examiner.name}`](rules.md#{examiner.name})", _text(examiner.name).reads)
        for examiner in examiners_for(Config(domain="preview.example.com"))
    ]
    return table(("Stage", "Examiner", "Reads"), rows)


def rules_of(examiner: ExaminerText) -> tuple[RuleText, ...]:
    """All rules of an examiner: those that code names, then those that stand in data."""
    named = {rule.name for rule in examiner.rules}
    return (*examiner.rules, *(rule for rule in _data_rules(examiner.name) if rule.name not in named))


@cache
def texts() -> _Texts:
    """`rules.toml`."""
    path = Path(__file__).with_suffix(".toml")
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Texts)


def _text(name: str) -> ExaminerText:
    return next(one for one in texts().examiners if one.name == name)


def _section(examiner: ExaminerText, stage: Stage) -> str:
    links = ", ".join(f"[`{name}.toml`](../src/eod/data/{name}.toml)" for name in examiner.data)
    told = [f"Stage `{stage}`. {examiner.reads}", *(_tools() if examiner.name == "migrations" else ())]
    told += [f"Tables: {links}."] if links else []
    text = textwrap.fill(" ".join(told), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"## {examiner.name}\n\n{text}\n\n{_rules(rules_of(examiner))}"


def _tools() -> Iterator[str]:
    names = dict.fromkeys(tool.name for tool in schema().tools if tool.rule == "migrations")
    yield f"It knows {', '.join(names)}."


def _rules(rules: Iterable[RuleText]) -> str:
    return table(
        _HEAD, [(f"`{rule.name}`", ", ".join(f"`{tier}`" for tier in rule.tiers), rule.about) for rule in rules]
    )


def _data_rules(examiner: str) -> Iterator[RuleText]:
    match examiner:
        case "hcl":
            yield from _of_hcl()
        case "manifests":
            yield from _of_manifests()
        case "inert" | "harmless" | "places":
            for rule in read("tiers", RuleTable).rules:
                if _BY_PATH[rule.stage] == examiner:
                    yield RuleText(rule.name, (str(rule.tier),), _lower(rule.reason))


def _of_hcl() -> Iterator[RuleText]:
    for name, each in {each.name: each for each in reversed(hcl_table().attributes)}.items():
        yield RuleText(f"hcl-{name}", (str(each.tier),), f"attributes: {each.reason}")
    for kind in read("resources", _Kinds).kinds:
        yield RuleText(f"hcl-{kind.name}", _ordered(tiers_of(kind.name)), f"a resource: {_lower(kind.title)}")


def _of_manifests() -> Iterator[RuleText]:
    known = manifests().table
    found: dict[str, tuple[set[Tier], str]] = {}
    entries = [(each.name, {each.added, each.changed}, each.is_) for each in known.kinds]
    entries += [(each.name, {each.tier}, each.is_) for each in (*known.fields, *known.values)]
    for name, tiers, about in entries:
        before, said = found.get(name, (set(), about))
        found[name] = (before | tiers, said)
    for name, (every, about) in found.items():
        yield RuleText(name, _ordered(every), about)


class _Kinds(Struct, frozen=True):
    kinds: tuple[Kind, ...]


def _ordered(tiers: Iterable[Tier]) -> tuple[str, ...]:
    return tuple(str(tier) for tier in sorted(set(tiers), key=lambda tier: tier.rank))


def _lower(text: str) -> str:
    """A sentence as the rest of one: `Documentation does not run.` becomes `documentation does not run`."""
    text = text.removesuffix(".")
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
