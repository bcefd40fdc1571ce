"""What the differences between two versions of a Kubernetes object mean."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.context import Context
from eod.tiers.manifests.delivery import judge_delivery
from eod.tiers.manifests.differences import Difference, differences
from eod.tiers.manifests.knowledge import KindData, knowledge
from eod.tiers.manifests.kustomization import judge_kustomization
from eod.tiers.manifests.objects import KubernetesObject
from eod.tiers.manifests.templates import Action
from eod.tiers.manifests.wording import fields, listed
from eod.tiers.manifests.workloads import judge_pods
from eod.tiers.opinion import Opinion

UNKNOWN: Final = KindData(
    name="unknown-kind",
    added=Tier.FULL,
    changed=Tier.LIGHTWEIGHT,
    is_="a kind that is not known",
    kinds=(),
    source="",
)
_SERVICE_WAY_IN: Final = frozenset(
    {"type", "externalIPs", "loadBalancerIP", "loadBalancerSourceRanges", "externalName"}
)


def judge_changed(before: KubernetesObject, after: KubernetesObject, context: Context) -> Iterator[Opinion]:
    """What the differences between two versions of an object mean."""
    found = list(differences(before.body, after.body))
    known = after.known or before.known or UNKNOWN
    lines = differing_logic(before.logic, after.logic, moved=not found)
    if lines:
        yield _by_logic(lines, listed([after.title]), known)
    if not found:
        return
    title = listed([after.title])
    prose = [each for each in found if _for_people(each)]
    weighing = [each for each in found if not _for_people(each)]
    if prose and not weighing:
        yield Opinion(Tier.NONE, "description", f"Only {fields(prose)} of {title} changed, which people read.")
        return
    labels = [each for each in weighing if is_metadata(each)]
    rest = [each for each in weighing if not is_metadata(each)]
    yield from judge_metadata(labels, title, known)
    if rest:
        yield from _rest(before, after, rest, known, context)


def _rest(
    before: KubernetesObject,
    after: KubernetesObject,
    found: Sequence[Difference],
    known: KindData,
    context: Context,
) -> Iterator[Opinion]:
    title = listed([after.title])
    if known.changed is not Tier.LIGHTWEIGHT:
        yield Opinion(known.changed, known.name, f"Changes {fields(found)} of {title}: {known.is_}.")
        return
    if known.name == "delivery":
        yield from judge_delivery(before.body, after.body, found, title)
    elif known.name == "kustomization" and context.kustomization:
        yield from judge_kustomization(before.body, after.body, context.changed_path)
    elif known.name in {"workload", "job", "unknown-kind"}:
        yield from judge_pods(found, [before.body, after.body], title)
    elif known.name == "service":
        yield from _service(found, title)
    elif known.name == "configuration":
        yield from judge_configuration(after, found)
    rule = "workload-settings" if known.name in {"workload", "job"} else known.name
    yield Opinion(Tier.LIGHTWEIGHT, rule, f"Changes {fields(found)} of {title}.")


def _service(found: Sequence[Difference], title: str) -> Iterator[Opinion]:
    ways = [each for each in found if _SERVICE_WAY_IN & set(each.path)]
    if ways:
        yield Opinion(Tier.FULL, "network-route", f"Changes {fields(ways)} of {title}: a way into the cluster.")


def judge_configuration(each: KubernetesObject, found: Sequence[Difference]) -> Iterator[Opinion]:
    """What other keys of a ConfigMap or the like mean."""
    title = listed([each.title])
    if each.kind == "ConfigMap" and each.name in knowledge().sensitive_config_maps:
        yield Opinion(Tier.FULL, "permissions", f"Changes {title}: it decides who may do what.")
    for one in found:
        word = knowledge().sensitive_word(one.path[-1])
        if word:
            yield Opinion(Tier.FULL, "sensitive-setting", f"Changes {fields([one])} of {title}: it says `{word}`.")


def judge_metadata(found: Sequence[Difference], title: str, known: KindData) -> Iterator[Opinion]:
    """What other labels and annotations mean."""
    if not found:
        return
    meaningful = [each for each in found if each.path[-1] in knowledge().meaningful]
    if meaningful or (known.name == "network-route" and any("annotations" in each.path for each in found)):
        hit = meaningful or list(found)
        yield Opinion(
            Tier.FULL, "meaningful-metadata", f"Changes {fields(hit)} of {title}, which controllers obey."
        )
    yield Opinion(Tier.LIGHTWEIGHT, "metadata", f"Changes {fields(found)} of {title}.")


def is_metadata(each: Difference) -> bool:
    """Whether it is a label or an annotation, of an object or of its pods."""
    return any(part in {"labels", "annotations"} for part in each.path[:-1]) and "metadata" in each.path


def _for_people(each: Difference) -> bool:
    if each.path[-1] == "description" and each.path[0] != "data":
        return True
    return "annotations" in each.path and "metadata" in each.path and each.path[-1] in knowledge().documentation


def differing_logic(old: Sequence[Action], new: Sequence[Action], *, moved: bool) -> list[str]:
    """The actions in which two templates differ.

    Args:
        old: Those before.
        new: Those after.
        moved: Whether one counts that now follows another line of YAML; that tells nothing where the YAML differs.
    """
    ours, theirs = Counter(each.text for each in old), Counter(each.text for each in new)
    lines = [*(ours - theirs), *(theirs - ours)]
    if lines or not moved:
        return lines
    return [one.text for one, other in zip(old, new, strict=True) if one != other]


def _by_logic(lines: Sequence[str], title: str, known: KindData) -> Opinion:
    """What other conditions, loops or fragments of a template mean."""
    words = " ".join(lines).replace(".Capabilities", "").lower()
    named = (key for entry, _ in knowledge().pod_fields for key in entry.keys if key.lower() in words)
    security = next(named, None)
    if known.changed is Tier.LIGHTWEIGHT and security:
        return Opinion(Tier.FULL, "pod-security", f"Changes the template's `{security}` of {title}.")
    only_labels = all("label" in line.lower() for line in lines)
    tier = Tier.LIGHTWEIGHT if only_labels else known.changed
    return Opinion(tier, "template-logic", f"Changes {listed(lines)} around {title}.")
