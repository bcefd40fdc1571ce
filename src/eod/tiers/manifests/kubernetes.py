"""What changed between two sets of Kubernetes objects."""

from collections.abc import Iterator, Sequence

from eod.model.tier import Tier
from eod.tiers.manifests.changes import UNKNOWN, is_metadata, judge_changed, judge_configuration, judge_metadata
from eod.tiers.manifests.context import Context
from eod.tiers.manifests.differences import leaves
from eod.tiers.manifests.images import image_of
from eod.tiers.manifests.kustomization import judge_kustomization
from eod.tiers.manifests.objects import KubernetesObject
from eod.tiers.manifests.pairing import paired
from eod.tiers.manifests.wording import listed, strictest_of
from eod.tiers.manifests.workloads import images_in, judge_pods
from eod.tiers.opinion import Opinion


def compare(old: Sequence[KubernetesObject], new: Sequence[KubernetesObject], context: Context) -> Opinion | None:
    """What the strictest difference between two sets of objects means; `None` where there is none."""
    return strictest_of(_all(old, new, context))


def _all(old: Sequence[KubernetesObject], new: Sequence[KubernetesObject], context: Context) -> Iterator[Opinion]:
    pairs, gone, come = paired(old, new)
    for before, after in pairs:
        yield from judge_changed(before, after, context)
    for each in come:
        origin = context.came_from(each)
        yield from _added(each, context) if origin is None else _moved(origin, each, context)
    for each in gone:
        target = context.went_to(each)
        yield from _removed(each) if target is None else _moved(each, target, context)


def _added(each: KubernetesObject, context: Context) -> Iterator[Opinion]:
    known, title = each.known or UNKNOWN, listed([each.title])
    if known.name in {"workload", "job"} and not _whole(each):
        yield from judge_pods(list(leaves(each.body)), each.body, title)
        yield Opinion(Tier.LIGHTWEIGHT, "patch", f"Adds a patch of {title}.")
        return
    if known.name == "workload":
        yield Opinion(known.added, "new-service", f"Adds {title}: {known.is_}.")
    yield from _what_it_holds(each, known.name, title, context)
    rule = "new-service" if known.name == "delivery" else known.name
    yield Opinion(known.added, rule, f"Adds {title}: {known.is_}.")


def _what_it_holds(each: KubernetesObject, name: str, title: str, context: Context) -> Iterator[Opinion]:
    found = list(leaves(each.body))
    if name == "job":
        yield from _new_images(each, title, context)
        yield from judge_pods(found, each.body, title)
    elif name == "kustomization" and context.kustomization:
        yield from judge_kustomization({}, each.body, context.changed_path)
    elif name == "configuration":
        yield from judge_configuration(each, found)
    elif name == "namespace":
        yield from judge_metadata([one for one in found if is_metadata(one)], title, each.known or UNKNOWN)


def _new_images(each: KubernetesObject, title: str, context: Context) -> Iterator[Opinion]:
    for image in map(image_of, images_in(each.body)):
        if image.known and image.role != "tool" and not context.knows_image(image.repository):
            yield Opinion(Tier.FULL, "new-service", f"Adds {title} with a new image, {listed([image.name])}.")


def _whole(each: KubernetesObject) -> bool:
    """Whether it is no patch: it names an image, or has a selector and a template."""
    spec = each.body.get("spec")
    return bool(list(images_in(each.body))) or (
        isinstance(spec, dict) and "selector" in spec and ("template" in spec or "podTemplate" in spec)
    )


def _removed(each: KubernetesObject) -> Iterator[Opinion]:
    known, title = each.known or UNKNOWN, listed([each.title])
    if known.name == "configuration":
        yield from judge_configuration(each, [])
    if known.name in {"workload", "delivery"}:
        yield Opinion(Tier.FULL, "removed-service", f"Removes {title}: the rest must do without it.")
    else:
        yield Opinion(known.added, known.name, f"Removes {title}: {known.is_}.")


def _moved(before: KubernetesObject, after: KubernetesObject, context: Context) -> Iterator[Opinion]:
    yield from judge_changed(before, after, context)
    known, title = after.known or UNKNOWN, listed([after.title])
    yield Opinion(Tier.LIGHTWEIGHT, "moved", f"Moves {title} to another file.")
    if known.changed is Tier.FULL and not context.same_chart:
        # Another directory may be deployed elsewhere, or not at all.
        yield Opinion(known.changed, known.name, f"Moves {title} to another file: {known.is_}.")
