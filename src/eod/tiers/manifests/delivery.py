"""What changed in the objects of Argo CD and Flux that deliver applications."""

from collections.abc import Iterator, Sequence
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.charts import judge_chart_version
from eod.tiers.manifests.differences import Difference
from eod.tiers.manifests.kustomization import judge_patches
from eod.tiers.manifests.values import judge_values
from eod.tiers.manifests.wording import fields
from eod.tiers.manifests.yamldata import NotYamlError, Value, documents
from eod.tiers.opinion import Opinion

_VERSIONS: Final = frozenset({"version", "targetRevision", "tag", "semver", "digest"})


def judge_delivery(old: Value, new: Value, found: Sequence[Difference], title: str) -> Iterator[Opinion]:
    """What the differences between two versions of an application's object mean."""
    for before, after in _values(old, new):
        opinion = judge_values(before, after, f"the values of {title}")
        if opinion is not None:
            yield opinion
    yield from _charts(old, new, title)
    for key in ("patches", "postRenderers"):
        yield from judge_patches(_spec(old).get(key), _spec(new).get(key), title)
    generated = [each for each in found if "generators" in each.path and (each.added or each.removed)]
    if generated:
        yield Opinion(Tier.FULL, "new-service", f"Changes {fields(generated)} of {title}: what it generates.")
    where = [each for each in found if {"destination", "project", "serviceAccountName"} & set(each.path)]
    if where:
        yield Opinion(Tier.FULL, "permissions", f"Changes {fields(where)} of {title}: where it may deploy.")
    versions = [each for each in found if each.path[-1] in _VERSIONS]
    if versions:
        yield Opinion(Tier.LIGHTWEIGHT, "chart-version", f"Changes {fields(versions)} of {title}.")


def _spec(value: Value) -> dict[str, Value]:
    spec = value.get("spec") if isinstance(value, dict) else None
    return spec if isinstance(spec, dict) else {}


def _values(old: Value, new: Value) -> Iterator[tuple[Value, Value]]:
    """Values that stand in the objects themselves, also as text."""
    before, after = _spec(old), _spec(new)
    yield _parsed(before.get("values")), _parsed(after.get("values"))
    yield _parsed(before.get("valuesContent")), _parsed(after.get("valuesContent"))
    ours, theirs = _sources(before), _sources(after)
    for one, other in zip(
        ours + [{}] * (len(theirs) - len(ours)), theirs + [{}] * (len(ours) - len(theirs)), strict=True
    ):
        helm, changed = one.get("helm"), other.get("helm")
        helm, changed = (each if isinstance(each, dict) else {} for each in (helm, changed))
        for key in ("values", "valuesObject"):
            yield _parsed(helm.get(key)), _parsed(changed.get(key))
        yield _parameters(helm.get("parameters")), _parameters(changed.get("parameters"))


def _sources(spec: dict[str, Value]) -> list[dict[str, Value]]:
    template = spec.get("template")
    if isinstance(template, dict) and isinstance(template.get("spec"), dict):
        spec = template["spec"]
    several = spec.get("sources")
    every = [spec.get("source"), *(several if isinstance(several, list) else [])]
    return [each for each in every if isinstance(each, dict)]


def _parsed(value: Value) -> Value:
    if not isinstance(value, str):
        return value or {}
    try:
        return (documents(value) or [{}])[0] or {}
    except NotYamlError:
        return {"unreadable": value}


def _parameters(value: Value) -> Value:
    """`[{name: a.b, value: 1}]` as `{a: {b: 1}}`, near enough to compare."""
    nested: dict[str, Value] = {}
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            inner = nested
            *parents, last = each["name"].split(".")[:20]
            for part in parents:
                inner = inner.setdefault(part, {}) if isinstance(inner.setdefault(part, {}), dict) else {}
            inner[last] = each.get("value")
    return nested


def _charts(old: Value, new: Value, title: str) -> Iterator[Opinion]:
    before, after = dict(_chart_versions(old)), dict(_chart_versions(new))
    for name, version in after.items():
        if name in before and before[name] != version:
            yield from judge_chart_version(name, before[name], version, title)


def _chart_versions(value: Value) -> Iterator[tuple[str, str]]:
    """Charts with their versions, wherever they stand in Flux' and Argo CD's objects."""
    if isinstance(value, dict):
        chart, version = value.get("chart"), value.get("version") or value.get("targetRevision")
        if isinstance(chart, str) and isinstance(version, str):
            yield chart, version
        for key, each in value.items():
            if key not in {"values", "valuesObject"}:
                yield from _chart_versions(each)
    elif isinstance(value, list):
        for each in value:
            yield from _chart_versions(each)
