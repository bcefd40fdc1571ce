"""What changed in a kustomization.

The fields are those of https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/.
"""

from collections.abc import Callable, Iterator
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.charts import judge_chart_version
from eod.tiers.manifests.differences import Difference, differences, leaves
from eod.tiers.manifests.knowledge import knowledge
from eod.tiers.manifests.objects import known_kind
from eod.tiers.manifests.wording import fields, listed
from eod.tiers.manifests.workloads import judge_fields, judge_image
from eod.tiers.manifests.yamldata import NotYamlError, Value, documents
from eod.tiers.opinion import Opinion

_LISTS: Final = ("resources", "bases", "components", "crds", "generators", "transformers", "validators")
_PATCHES: Final = ("patches", "patchesStrategicMerge", "patchesJson6902")


def judge_kustomization(old: Value, new: Value, changed_path: Callable[[str], bool]) -> Iterator[Opinion]:
    """What the differences between two kustomizations mean.

    Args:
        old: The one before; empty for a new one.
        new: The one after.
        changed_path: Whether a path, relative to the kustomization, belongs to this change.
    """
    for key in _LISTS:
        yield from _listed(_texts(old, key), _texts(new, key), changed_path)
    yield from _images(old, new)
    yield from _generators(old, new)
    yield from _charts(old, new)
    for key in _PATCHES:
        yield from judge_patches(old.get(key), new.get(key), "the kustomization")
    found = list(differences(old, new))
    if found:
        yield Opinion(Tier.LIGHTWEIGHT, "kustomization", f"Changes {fields(found)} of the kustomization.")


def judge_patches(old: Value, new: Value, title: str) -> Iterator[Opinion]:
    """What other patches mean: by the kind that they patch, and the fields."""
    before, after = list(_patches(old)), list(_patches(new))
    for kind, body in [each for each in after if each not in before] + [
        each for each in before if each not in after
    ]:
        found = list(leaves(body))
        known = known_kind(None, kind) if kind else None
        if known is not None and any(each.path == ("$patch",) and each.new == "delete" for each in found):
            yield Opinion(known.added, known.name, f"Removes {listed([kind])} in {title}.")
        elif known is not None and known.changed is not Tier.LIGHTWEIGHT:
            yield Opinion(known.changed, known.name, f"Patches {listed([kind])} in {title}: {known.is_}.")
        else:
            yield from judge_operations(found, f"A patch in {title}")
            if kind == "Service" and any(each.path[-2:] == ("spec", "type") for each in found):
                yield Opinion(Tier.FULL, "network-route", f"A patch in {title} sets a Service's type.")


def judge_operations(found: list[Difference], title: str) -> Iterator[Opinion]:
    """What the fields that a patch names mean."""
    yield from judge_fields(found, title)
    for each in found:
        yield from judge_image(None, each.new, title) if each.path[-1] == "image" else ()
        if each.path[-1] in knowledge().meaningful:
            yield Opinion(
                Tier.FULL, "meaningful-metadata", f"{title} sets {fields([each])}, which controllers obey."
            )


def is_json_patch(value: Value) -> bool:
    """Whether `value` is a list of operations: https://datatracker.ietf.org/doc/html/rfc6902."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and "op" in each and "path" in each for each in value)
    )


def operations(value: Value) -> list[Difference]:
    """The fields that a JSON patch names, as differences."""
    return [
        Difference((*_parts(operation["path"]), *each.path), each.old, each.new)
        for operation in (value if is_json_patch(value) else [])
        for each in leaves(operation.get("value"))
    ]


def _parts(pointer: Value) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in str(pointer).strip("/").split("/"))


def _patches(value: Value) -> Iterator[tuple[str, Value]]:
    """The kind and the fields of each patch that is written in place."""
    for each in value if isinstance(value, list) else []:
        text, kind = each, ""
        if isinstance(each, dict):
            target = each.get("target")
            kind = str(target.get("kind") or "") if isinstance(target, dict) else ""
            text = each.get("patch")
            if isinstance(each.get("kustomize"), dict):
                yield from _patches(each["kustomize"].get("patches"))
        if isinstance(text, str) and ("\n" in text.strip() or text.lstrip().startswith(("[", "{", "-"))):
            yield from ((kind or found, body) for found, body in _inline(text))


def _inline(text: str) -> Iterator[tuple[str, Value]]:
    try:
        parsed = documents(text)
    except NotYamlError:
        return
    for each in parsed:
        if is_json_patch(each):
            yield "", _nested(operations(each))
        elif isinstance(each, dict):
            body = {key: value for key, value in each.items() if key not in {"apiVersion", "kind"}}
            yield str(each.get("kind") or ""), body


def _nested(found: list[Difference]) -> Value:
    nested: dict[str, Value] = {}
    for each in found[:1_000]:
        inner = nested
        for part in each.path[:-1][:40]:
            following = inner.setdefault(part, {})
            if not isinstance(following, dict):
                break
            inner = following
        inner[each.path[-1]] = each.new
    return nested


def _listed(old: list[str], new: list[str], changed_path: Callable[[str], bool]) -> Iterator[Opinion]:
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    remote = {_without_version(each): each for each in gone if "://" in each or "?ref=" in each}
    for each in come:
        if _without_version(each) in remote:
            yield Opinion(
                Tier.LIGHTWEIGHT, "remote-base", f"Another version of {listed([_without_version(each)])}."
            )
        elif not changed_path(each):
            yield Opinion(
                Tier.FULL, "new-service", f"Switches on {listed([each])}, which was not deployed from here."
            )
    versions = {_without_version(each) for each in come}
    for each in gone:
        if _without_version(each) not in versions and not changed_path(each):
            yield Opinion(Tier.FULL, "removed-service", f"Switches off {listed([each])}.")


def _without_version(text: str) -> str:
    bare = text.partition("?")[0]
    if "/releases/download/" in bare:
        start, _, end = bare.partition("/releases/download/")
        return f"{start}/releases/download/{end.partition('/')[2]}"
    if "raw.githubusercontent.com/" in bare:
        start, _, end = bare.partition("raw.githubusercontent.com/")
        owner, name, _, *path = [*end.split("/"), "", "", ""]
        return f"{start}{owner}/{name}/{'/'.join(path)}"
    return bare


def _texts(value: Value, key: str) -> list[str]:
    several = value.get(key) if isinstance(value, dict) else None
    return [each for each in several if isinstance(each, str)] if isinstance(several, list) else []


def _images(old: Value, new: Value) -> Iterator[Opinion]:
    before = {str(each.get("name")): each for each in _dicts(old, "images")}
    for each in _dicts(new, "images"):
        was = before.get(str(each.get("name")), {})
        if each != was and was:
            name = each.get("newName") or each.get("name")
            old_name = was.get("newName") or was.get("name")
            yield from judge_image(
                f"{old_name}:{was.get('newTag') or ''}", f"{name}:{each.get('newTag') or ''}", "the kustomization"
            )
        elif each != was:
            name = each.get("newName") or each.get("name")
            yield from judge_image(f"{name}:", f"{name}:{each.get('newTag') or ''}", "the kustomization")


def _generators(old: Value, new: Value) -> Iterator[Opinion]:
    secrets = list(differences(old.get("secretGenerator"), new.get("secretGenerator"), ("secretGenerator",)))
    if secrets:
        yield Opinion(
            Tier.FULL, "secrets", f"Changes {fields(secrets)}: a secret must be there before the pods are."
        )


def _charts(old: Value, new: Value) -> Iterator[Opinion]:
    before = {str(each.get("name")): each for each in _dicts(old, "helmCharts")}
    after = {str(each.get("name")): each for each in _dicts(new, "helmCharts")}
    for name, each in after.items():
        if name not in before:
            yield Opinion(Tier.FULL, "new-service", f"Adds the chart {listed([name])}.")
        else:
            yield from judge_chart_version(
                name, str(before[name].get("version")), str(each.get("version")), "the kustomization"
            )
    for name in (each for each in before if each not in after):
        yield Opinion(Tier.FULL, "removed-service", f"Removes the chart {listed([name])}.")


def _dicts(value: Value, key: str) -> list[dict[str, Value]]:
    several = value.get(key) if isinstance(value, dict) else None
    return [each for each in several if isinstance(each, dict)] if isinstance(several, list) else []
