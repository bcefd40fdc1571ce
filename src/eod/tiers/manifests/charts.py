"""What changed in `Chart.yaml`, `Chart.lock`, `requirements.yaml` and `helmfile.yaml`.

The fields are those of https://helm.sh/docs/topics/charts/ and https://helmfile.readthedocs.io/.
"""

from collections.abc import Iterator
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.differences import differences
from eod.tiers.manifests.images import another_major
from eod.tiers.manifests.knowledge import knowledge
from eod.tiers.manifests.wording import fields, listed, strictest_of
from eod.tiers.manifests.yamldata import Value
from eod.tiers.opinion import Opinion

_FOR_PEOPLE: Final = frozenset(
    {"description", "maintainers", "keywords", "icon", "home", "sources", "annotations", "generated"}
)
_LONGEST: Final = 60


def judge_chart(old: Value, new: Value) -> Opinion | None:
    """What changed in a chart's description or lock; `None` where nothing did."""
    before, after = _mapping(old), _mapping(new)
    if not before:
        return _added(after)
    if not after:
        name = str(before.get("name") or "a chart")
        return Opinion(Tier.FULL, "removed-service", f"Removes the chart {listed([name])}.")
    return strictest_of(_changed(before, after))


def is_helmfile(value: Value) -> bool:
    """Whether `value` looks like a Helmfile: a list of releases, each with its chart."""
    releases = _mapping(value).get("releases")
    return (
        isinstance(releases, list)
        and bool(releases)
        and all(isinstance(each, dict) and {"name", "chart"} <= set(each) for each in releases)
    )


def judge_dependencies(old: Value, new: Value) -> Iterator[Opinion]:
    """What other dependencies of a chart mean, or other releases of a Helmfile."""
    before, after = _dependencies(old), _dependencies(new)
    for name, each in after.items():
        chart = _chart(each)
        if name not in before:
            yield from _dependency(chart, "Adds", "new-service")
        else:
            yield from judge_chart_version(
                chart, str(before[name].get("version")), str(each.get("version")), "the dependencies"
            )
    for name in (each for each in before if each not in after):
        yield from _dependency(_chart(before[name]), "Removes", "removed-service")


def judge_chart_version(chart: str, old: str, new: str, title: str) -> Iterator[Opinion]:
    """What another version of a chart means."""
    if old == new:
        return
    what, role = f"{listed([chart])} goes from `{old[:_LONGEST]}` to `{new[:_LONGEST]}` in {title}", _role(chart)
    if role in {"database", "cache"} and another_major(old, new):
        yield Opinion(Tier.DATABASE, "database", f"{what}: a new major version of a database.")
    elif role == "queue" and another_major(old, new):
        yield Opinion(Tier.FULL, "queue", f"{what}: a new major version of a queue.")
    else:
        yield Opinion(Tier.LIGHTWEIGHT, "chart-version", f"{what}.")


def _added(chart: dict[str, Value]) -> Opinion:
    name = listed([str(chart.get("name") or "?")])
    if chart.get("type") == "library":
        return Opinion(Tier.LIGHTWEIGHT, "chart", f"Adds the library chart {name}.")
    if "name" not in chart:
        found = strictest_of(judge_dependencies({}, chart))
        return found or Opinion(Tier.LIGHTWEIGHT, "chart", "Adds a list of charts.")
    return Opinion(Tier.FULL, "new-service", f"Adds the chart {name}: a new service has never run anywhere.")


def _changed(old: dict[str, Value], new: dict[str, Value]) -> Iterator[Opinion]:
    found = list(differences(old, new))
    weighing = [each for each in found if each.path[0] not in _FOR_PEOPLE]
    if found and not weighing:
        yield Opinion(Tier.NONE, "description", f"Only {fields(found)} changed, which people read.")
    yield from judge_dependencies(old, new)
    if weighing:
        yield Opinion(Tier.LIGHTWEIGHT, "chart", f"Changes {fields(weighing)} of the chart.")


def _dependency(chart: str, verb: str, rule: str) -> Iterator[Opinion]:
    role = _role(chart)
    if role in {"database", "cache"}:
        yield Opinion(Tier.DATABASE, "database", f"{verb} the chart {listed([chart])}: a database.")
    elif role == "queue":
        yield Opinion(Tier.FULL, "queue", f"{verb} the chart {listed([chart])}: a queue or a stream.")
    elif chart in knowledge().libraries:
        yield Opinion(Tier.LIGHTWEIGHT, "chart", f"{verb} the library chart {listed([chart])}.")
    else:
        yield Opinion(Tier.FULL, rule, f"{verb} the chart {listed([chart])}: a service of its own.")


def _role(chart: str) -> str:
    return knowledge().role(chart)


def _chart(dependency: dict[str, Value]) -> str:
    """The chart's own name, without the repository."""
    return str(dependency.get("chart") or dependency.get("name") or "?").rpartition("/")[2]


def _dependencies(value: Value) -> dict[str, dict[str, Value]]:
    chart = _mapping(value)
    several = chart.get("dependencies") or chart.get("releases")
    found = [each for each in several if isinstance(each, dict)] if isinstance(several, list) else []
    return {str(each.get("alias") or each.get("name") or at): each for at, each in enumerate(found)}


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
