"""What changed in a CloudFormation, SAM or Serverless template, by the types of its resources."""

from collections.abc import Iterator, Sequence
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.differences import Difference, differences
from eod.tiers.manifests.knowledge import knowledge
from eod.tiers.manifests.wording import fields, listed, strictest_of
from eod.tiers.manifests.yamldata import Value
from eod.tiers.opinion import Opinion

_FOR_PEOPLE: Final = frozenset({"Description", "Metadata", "AWSTemplateFormatVersion"})
_TAGS: Final = frozenset({"Tags", "Description", "Metadata"})
_SERVERLESS_INFRASTRUCTURE: Final = frozenset({"resources", "provider", "layers", "stepFunctions", "constructs"})
_EVENTS: Final = frozenset({"events", "iamRoleStatements", "role", "vpc", "iamRoleStatementsInherit"})


def is_template(value: Value) -> bool:
    """Whether `value` is a template of CloudFormation or SAM."""
    if not isinstance(value, dict):
        return False
    resources = value.get("Resources")
    if not isinstance(resources, dict):
        return False
    types = [each.get("Type") for each in resources.values() if isinstance(each, dict)]
    return any(isinstance(each, str) and each.startswith(("AWS::", "Custom::", "Alexa::")) for each in types)


def is_serverless(value: Value) -> bool:
    """Whether `value` is a `serverless.yml`."""
    return isinstance(value, dict) and "provider" in value and bool({"functions", "service"} & set(value))


def judge_template(old: Value, new: Value) -> Opinion | None:
    """What changed between two templates; `None` where nothing did."""
    return strictest_of(_all(_mapping(old), _mapping(new)))


def judge_serverless(old: Value, new: Value) -> Opinion | None:
    """What changed between two versions of a `serverless.yml`."""
    return strictest_of(_of_serverless(_mapping(old), _mapping(new)))


def _all(old: dict[str, Value], new: dict[str, Value]) -> Iterator[Opinion]:
    before, after = _resources(old), _resources(new)
    for name in {**before, **after}:
        if name not in before:
            yield _whole("Adds", name, after[name])
        elif name not in after:
            yield _whole("Removes", name, before[name])
        elif before[name] != after[name]:
            yield from _changed(name, before[name], after[name])
    found = [each for each in differences(old, new) if each.path[0] != "Resources"]
    weighing = [each for each in found if each.path[0] not in _FOR_PEOPLE and each.path[-1] != "Description"]
    inputs = [each for each in weighing if each.path[0] != "Outputs"]
    if inputs:
        yield Opinion(Tier.FULL, "infrastructure", f"Changes {fields(inputs)}, which reach resources.")
    elif weighing:
        yield Opinion(Tier.LIGHTWEIGHT, "infrastructure-output", f"Changes {fields(weighing)}.")
    elif found:
        yield Opinion(Tier.NONE, "description", f"Only {fields(found)} changed, which people read.")


def _resources(template: dict[str, Value]) -> dict[str, dict[str, Value]]:
    return {name: each for name, each in _mapping(template.get("Resources")).items() if isinstance(each, dict)}


def _whole(verb: str, name: str, resource: dict[str, Value]) -> Opinion:
    kind = str(resource.get("Type"))
    what = f"{verb} {listed([f'{kind} {name}'])}"
    if kind in knowledge().cloud_databases:
        return Opinion(Tier.DATABASE, "database", f"{what}: a database.")
    if kind in knowledge().cloud_lightweight:
        return Opinion(Tier.LIGHTWEIGHT, "observability", f"{what}.")
    return Opinion(Tier.FULL, "infrastructure", f"{what}: infrastructure is only proved by building it.")


def _changed(name: str, old: dict[str, Value], new: dict[str, Value]) -> Iterator[Opinion]:
    kind = str(new.get("Type"))
    found = list(differences(old, new))
    what = f"Changes {fields(found)} of {listed([f'{kind} {name}'])}"
    if all(_for_people(each) for each in found):
        yield Opinion(Tier.NONE, "description", f"{what}: only tags and descriptions.")
    elif kind in knowledge().functions and all(_is_code(each) for each in found):
        yield Opinion(Tier.LIGHTWEIGHT, "function", f"{what}: the function's own settings.")
    else:
        yield _whole("Changes", name, new)


def _is_code(each: Difference) -> bool:
    return bool(knowledge().function_code & set(each.path[:2])) or _for_people(each)


def _for_people(each: Difference) -> bool:
    """Tags and the like; not what an instance runs when it starts (AWS::CloudFormation::Init)."""
    return not _TAGS.isdisjoint(each.path) and not any(
        part.startswith("AWS::CloudFormation::") for part in each.path
    )


def _of_serverless(old: dict[str, Value], new: dict[str, Value]) -> Iterator[Opinion]:
    resources = (_inner(old.get("resources")), _inner(new.get("resources")))
    if resources[0] != resources[1]:
        opinion = judge_template(*resources)
        if opinion is not None:
            yield opinion
    found = [each for each in differences(old, new) if each.path[0] != "resources"]
    yield from _serverless_settings(found)


def _inner(resources: Value) -> dict[str, Value]:
    return _mapping(resources) if isinstance(resources, dict) or not resources else {"Included": resources}


def _serverless_settings(found: Sequence[Difference]) -> Iterator[Opinion]:
    deep = [
        each
        for each in found
        if _EVENTS & set(each.path)
        or (
            each.path[0] in _SERVERLESS_INFRASTRUCTURE
            and not {"runtime", "environment", "memorySize", "timeout"} & set(each.path)
        )
    ]
    if deep:
        yield Opinion(
            Tier.FULL, "infrastructure", f"Changes {fields(deep)}: infrastructure is only proved by building it."
        )
    if found:
        yield Opinion(Tier.LIGHTWEIGHT, "function", f"Changes {fields(found)} of the functions.")


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
