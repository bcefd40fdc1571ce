"""What changed in an object that runs pods: images, what a container may do, secrets, engines of databases."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.differences import Difference
from eod.tiers.manifests.images import Image, another_engine, another_major, image_of
from eod.tiers.manifests.knowledge import knowledge
from eod.tiers.manifests.wording import fields, listed
from eod.tiers.manifests.yamldata import Value
from eod.tiers.opinion import Opinion

_ENGINE: Final = frozenset({"env", "envFrom", "args", "command", "volumeClaimTemplates"})
_COMPARED_LENGTH: Final = 400


def images_in(value: Value) -> Iterator[str]:
    """Every image that containers in `value` name."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "image" and isinstance(each, str):
                yield each
            elif key == "image" and isinstance(each, dict) and isinstance(each.get("repository"), str):
                yield each["repository"]
            else:
                yield from images_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from images_in(each)


def judge_pods(found: Sequence[Difference], body: Value, title: str) -> Iterator[Opinion]:
    """What the differences of a workload mean. `body` is the workload on either side."""
    yield from judge_images(found, title)
    yield from judge_fields(found, title)
    yield from judge_environment(found, title)
    roles = {image_of(image).role for image in images_in(body)}
    engine = [each for each in found if _ENGINE & set(each.path)]
    if engine and "database" in roles:
        yield Opinion(Tier.DATABASE, "database-engine", f"{title} runs a database; {fields(engine)} changed.")


def judge_images(found: Iterable[Difference], title: str) -> Iterator[Opinion]:
    """What other images mean."""
    for each in found:
        if each.path[-1] == "image" and not each.removed:
            yield from judge_image(each.old, each.new, title)


def judge_image(old: Value, new: Value, title: str) -> Iterator[Opinion]:
    """What another image means for `title`; `old` may be absent."""
    before, after = image_of(old), image_of(new)
    if not after.repository:
        return
    added = before.role != after.role
    if "database" in {before.role, after.role} and (added or another_engine(before.tag, after.tag)):
        yield Opinion(Tier.DATABASE, "database-engine", _engine(title, before, after, "a database"))
    elif "queue" in {before.role, after.role} and (added or another_major(before.tag, after.tag)):
        yield Opinion(Tier.FULL, "queue", _engine(title, before, after, "a queue or a stream"))
    elif "cache" in {before.role, after.role} and (added or another_major(before.tag, after.tag)):
        yield Opinion(Tier.DATABASE, "database-engine", _engine(title, before, after, "a store of data"))
    elif before.repository == after.repository:
        yield Opinion(
            Tier.LIGHTWEIGHT, "image-version", f"Another version of the image of {title}: {listed([after.name])}."
        )


def _engine(title: str, before: Image, after: Image, what: str) -> str:
    if before.role != after.role and after.role:
        return f"{title} brings `{after.name}`: {what}."
    if before.repository == after.repository:
        return (
            f"{title} takes `{after.name}` from `{before.tag or 'latest'}` to `{after.tag or 'latest'}`: {what}."
        )
    return f"{title} takes `{after.name}` in place of `{before.name}`: {what}."


def judge_fields(found: Sequence[Difference], title: str) -> Iterator[Opinion]:
    """What the fields themselves mean."""
    for entry, keys in knowledge().pod_fields:
        hit = [each for each in found if keys & set(each.path)]
        if hit:
            yield Opinion(entry.tier, entry.name, f"{title} changes {fields(hit)}: {entry.is_}.")


def judge_environment(found: Sequence[Difference], title: str) -> Iterator[Opinion]:
    """What the names of environment variables mean, and arguments of a command."""
    for each in found:
        named = next((part for part in reversed(each.path) if part.startswith("[") and part != "[]"), "")
        if "env" in each.path and named:
            word = knowledge().sensitive_word(named)
            if word:
                yield Opinion(
                    Tier.FULL, "sensitive-setting", f"{title} changes the variable {listed([named[1:-1]])}."
                )
        if {"args", "command"} & set(each.path):
            for side in (each.old, each.new):
                option = side[:_COMPARED_LENGTH].partition("=")[0] if isinstance(side, str) else ""
                if option.startswith("-") and knowledge().sensitive_word(option):
                    yield Opinion(
                        Tier.FULL, "sensitive-setting", f"{title} changes the option {listed([option])}."
                    )
