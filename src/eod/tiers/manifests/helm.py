"""The files of a Helm chart: https://helm.sh/docs/topics/charts/#the-chart-file-structure."""

import re
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests.changes import differing_logic
from eod.tiers.manifests.charts import judge_chart
from eod.tiers.manifests.documents import Document, read
from eod.tiers.manifests.objects import might_hold_objects, objects_in
from eod.tiers.manifests.sides import moved, text_before
from eod.tiers.manifests.survey import Survey, survey
from eod.tiers.manifests.values import judge_values
from eod.tiers.manifests.wording import same, unreadable
from eod.tiers.opinion import Opinion

_VALUES: Final = re.compile(r"(?:.*[-_.])?values(?:[-_.].*)?\.ya?ml(?:\.gotmpl|\.tpl)?", re.IGNORECASE)
_CHART: Final = frozenset({"Chart.yaml", "Chart.yml", "Chart.lock"})
_REQUIREMENTS: Final = frozenset({"requirements.yaml", "requirements.lock"})
_ENVIRONMENTS: Final = frozenset({"env", "envs", "environments", "values", "overrides"})
_HELMFILE: Final = re.compile(r"helmfile.*\.ya?ml(?:\.gotmpl)?")
_FOR_PEOPLE: Final = frozenset({"values.schema.json", ".helmignore", "NOTES.txt", "README.md.gotmpl"})


def is_values(name: str) -> bool:
    """Whether a file of this name holds values of a chart."""
    return bool(_VALUES.fullmatch(name[:200]))


def judge_helm(file: ChangedFile, case: Case) -> Opinion | None:
    """What a change of a chart's file means; `None` for templates of objects, and for any other file."""
    if file.name.startswith(("artifacthub-", "artifact-hub")):
        return _for_people()
    if file.name in _CHART or _HELMFILE.fullmatch(file.name[:200]):
        return _of_chart(file)
    if is_values(file.name) and not _holds_objects(file):
        return _for_people() if _of_tests(file, case) else _of_values(file)
    return _in_chart(file, survey(case))


def _in_chart(file: ChangedFile, seen: Survey) -> Opinion | None:
    parent, _, last = file.directory.rpartition("/")
    if last == "ci" and seen.chart_root(parent) == parent:
        return _for_people()
    root = seen.chart_root(file.directory)
    if file.name in _REQUIREMENTS and root == file.directory:
        return _of_chart(file)
    if file.name in _FOR_PEOPLE and root is not None:
        return _for_people()
    beside = root is not None and (file.directory == root or last in _ENVIRONMENTS)
    if beside and file.name.endswith((".yaml", ".yml")) and not _holds_objects(file):
        # Charts are often installed with values that stand beside them, under any name.
        return _of_values(file)
    return None if root is None else _of_template(file)


def _of_template(file: ChangedFile) -> Opinion | None:
    """What a change of a file that templates share means; one that defines objects is read as a manifest."""
    if not file.name.endswith((".tpl", ".txt")) or might_hold_objects(text_before(file) + file.new_text):
        return None
    return Opinion(Tier.LIGHTWEIGHT, "template-helpers", "Changes what the chart's templates share.")


def _holds_objects(file: ChangedFile) -> bool:
    """Whether it is called values but holds objects, as a patch of a HelmRelease does."""
    texts = [text for text in (text_before(file), file.new_text) if might_hold_objects(text)]
    return any(objects_in([read(text)]) for text in texts)


def _for_people() -> Opinion:
    return Opinion(Tier.NONE, "chart-description", "Describes or checks a chart, and is not deployed.")


def _of_tests(file: ChangedFile, case: Case) -> bool:
    """Whether values are those of chart-testing: https://github.com/helm/chart-testing."""
    parent, _, last = file.directory.rpartition("/")
    return last == "ci" and survey(case).chart_root(parent) == parent


def _of_chart(file: ChangedFile) -> Opinion | None:
    if moved(file):
        return Opinion(Tier.LIGHTWEIGHT, "moved", "The chart moves to another place.")
    old, new = read(text_before(file)), read(file.new_text)
    return _problem(old, new) or judge_chart(old.value, new.value) or _by_logic(old, new) or same("the chart")


def _of_values(file: ChangedFile) -> Opinion | None:
    if moved(file):
        return Opinion(Tier.LIGHTWEIGHT, "moved", "The values move to another place.")
    if not file.readable:
        return unreadable("it is binary or too large")
    old, new = read(text_before(file)), read(file.new_text)
    return (
        _problem(old, new)
        or judge_values(old.value or {}, new.value or {})
        or _by_logic(old, new)
        or same("the values")
    )


def _problem(old: Document, new: Document) -> Opinion | None:
    problem = new.problem or old.problem
    return unreadable(problem) if problem else None


def _by_logic(old: Document, new: Document) -> Opinion | None:
    if not differing_logic(old.logic, new.logic, moved=True):
        return None
    return Opinion(Tier.LIGHTWEIGHT, "template-logic", "Changes the conditions of a template.")
