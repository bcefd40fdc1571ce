"""A YAML or JSON file by what it holds: objects, a template of CloudFormation, services, a patch."""

from collections.abc import Iterator, Sequence
from typing import Final

from eod.model.tier import Tier, strictest
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests import charts, cloudformation, compose
from eod.tiers.manifests.changes import differing_logic
from eod.tiers.manifests.documents import Document, differing, read, split
from eod.tiers.manifests.knowledge import knowledge
from eod.tiers.manifests.kubernetes import compare
from eod.tiers.manifests.kustomization import (
    is_json_patch,
    judge_kustomization,
    judge_operations,
    operations,
)
from eod.tiers.manifests.objects import kinds_by_line, known_kind, might_hold_objects, objects_in
from eod.tiers.manifests.sides import moved, text_before
from eod.tiers.manifests.survey import survey
from eod.tiers.manifests.templates import is_template
from eod.tiers.manifests.wording import listed, same, strictest_of, unreadable
from eod.tiers.manifests.yamldata import Value
from eod.tiers.opinion import Opinion

_MOST_LINES: Final = 3_000


def judge(file: ChangedFile, case: Case) -> Opinion | None:
    """What changed in a file of any format that is known here by its content; `None` for others."""
    old, new = text_before(file), file.new_text
    if might_hold_objects(old) or might_hold_objects(new):
        return _moved(file, case) if moved(file) else (_objects(file, case) or _single(file))
    if any(word in text for text in (old, new) for word in _HINTS):
        return _single(file)
    return None


_HINTS: Final = ("AWS::", "services:", "provider:", "releases:", "path:", '"path"', "results:", '"panels"')


def _moved(file: ChangedFile, case: Case) -> Opinion:
    """What it means that the same objects stand in another place, which may be deployed elsewhere or not."""
    kinds = dict.fromkeys(kind for text in split(file.new_text) for kind in kinds_by_line(text))
    if not survey(case).same_chart(file):
        for group, kind in kinds:
            known = known_kind(group, kind)
            if known is not None and known.changed is Tier.FULL:
                return Opinion(Tier.FULL, known.name, f"Moves {listed([kind])} to another file: {known.is_}.")
    return Opinion(Tier.LIGHTWEIGHT, "moved", "The same objects in another file.")


def judge_compose_file(file: ChangedFile) -> Opinion | None:
    """What changed in a file that its name calls a Compose file."""
    if moved(file):
        return Opinion(Tier.LIGHTWEIGHT, "moved", "The same services in another file.")
    old, new = read(text_before(file)), read(file.new_text)
    problem = new.problem or old.problem
    if problem:
        return unreadable(problem)
    return compose.judge_compose(old.value, new.value) or same("the Compose file")


def judge_kustomization_file(file: ChangedFile, case: Case) -> Opinion | None:
    """What changed in a kustomization that does not say its kind, as it need not; `None` for one that does."""
    old, new = read(text_before(file)), read(file.new_text)
    problem = new.problem or old.problem
    if problem:
        return unreadable(problem)
    before, after = (each.value if isinstance(each.value, dict) else {} for each in (old, new))
    if "kind" in before or "kind" in after:
        return None
    changed = survey(case).context(file).changed_path
    return strictest_of(judge_kustomization(before, after, changed)) or same("the kustomization")


def _objects(file: ChangedFile, case: Case) -> Opinion | None:
    before, after = differing(text_before(file), file.new_text)
    if not before and not after:
        return same()
    changed = (*before, *after)
    problems = [each for each in changed if each.problem and might_hold_objects(each.text)]
    if problems:
        return strictest_of(_unread(file, problems, changed))
    if all(each.value is None for each in changed):
        return _logic_alone(file, before, after)
    old, new = objects_in(before), objects_in(after)
    if not old and not new:
        return None
    return compare(old, new, survey(case).context(file)) or same("the objects")


def _logic_alone(file: ChangedFile, before: Sequence[Document], after: Sequence[Document]) -> Opinion:
    """What changed where the documents that differ hold nothing but actions of a template, or comments."""
    ours, theirs = ([action for each in side for action in each.logic] for side in (before, after))
    lines = differing_logic(ours, theirs, moved=True)
    if not lines:
        return same()
    kinds = dict.fromkeys(kind for text in split(file.new_text) for kind in kinds_by_line(text))
    tiers = (known.changed for group, kind in kinds if (known := known_kind(group, kind)))
    return Opinion(
        strictest(Tier.LIGHTWEIGHT, *tiers), "template-logic", f"Changes {listed(lines)} around objects."
    )


def _unread(file: ChangedFile, problems: Sequence[Document], changed: Sequence[Document]) -> Iterator[Opinion]:
    """What the lines tell of documents that cannot be read."""
    for each in problems:
        if not is_template(each.text):
            yield unreadable(each.problem)
    lines = " ".join(line.text for line in file.lines.both[:_MOST_LINES]).replace(".Capabilities", "")
    for entry, _ in knowledge().pod_fields:
        hit = [key for key in entry.keys if key in lines]
        if hit:
            yield Opinion(entry.tier, entry.name, f"Changes lines that name {listed(hit)}: {entry.is_}.")
    kinds = dict.fromkeys(kind for each in changed for kind in kinds_by_line(each.text))
    for group, kind in kinds:
        known = known_kind(group, kind)
        if known is not None:
            whole = file.added or file.deleted
            tier = known.added if whole else known.changed
            why = "" if tier is Tier.LIGHTWEIGHT else f": {known.is_}"
            yield Opinion(tier, known.name, f"Changes a template of {listed([kind])}{why}.")
        else:
            yield Opinion(
                Tier.FULL, "unknown-kind", f"Changes a template of {listed([kind])}, a kind that is not known."
            )
    if not kinds:
        yield Opinion(Tier.LIGHTWEIGHT, "template-helpers", "Changes a template that names no kind of object.")


def _single(file: ChangedFile) -> Opinion | None:
    """A file that holds one thing of another kind."""
    if moved(file):
        return None
    old, new = read(text_before(file)), read(file.new_text)
    for recognised, judged, what in (
        (cloudformation.is_template, cloudformation.judge_template, "the template"),
        (cloudformation.is_serverless, cloudformation.judge_serverless, "the functions"),
        (compose.is_compose, compose.judge_compose, "the Compose file"),
        (charts.is_helmfile, charts.judge_chart, "the Helmfile"),
        (is_json_patch, _json_patch, "the patch"),
        (_is_policy_test, _policy_test, "the test"),
        (_is_dashboard, _dashboard, "the dashboard"),
    ):
        if recognised(old.value) or recognised(new.value):
            problem = old.problem or new.problem
            return unreadable(problem) if problem else judged(old.value, new.value) or same(what)
    return None


def _json_patch(old: Value, new: Value) -> Opinion | None:
    ours, theirs = operations(old), operations(new)
    found = [each for each in theirs if each not in ours] + [each for each in ours if each not in theirs]
    if not found:
        return None
    settings = Opinion(Tier.LIGHTWEIGHT, "patch", "Changes a patch of manifests.")
    return strictest_of((*judge_operations(found, "The patch"), settings))


def _is_policy_test(value: Value) -> bool:
    """Whether `value` is a test of the Kyverno CLI, as they were before they had a kind."""
    return isinstance(value, dict) and {"policies", "resources", "results"} <= set(value)


def _policy_test(_old: Value, _new: Value) -> Opinion:
    return Opinion(Tier.NONE, "policy-tests", "Tests of policies never reach a cluster.")


def _is_dashboard(value: Value) -> bool:
    """Whether `value` is one of Grafana's: https://grafana.com/docs/grafana/latest/visualizations/dashboards/."""
    return isinstance(value, dict) and isinstance(value.get("panels"), list) and "schemaVersion" in value


def _dashboard(old: Value, new: Value) -> Opinion | None:
    return None if old == new else Opinion(Tier.LIGHTWEIGHT, "observability", "Changes a dashboard.")
