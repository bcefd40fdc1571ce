"""What changed in a Compose file: https://github.com/compose-spec/compose-spec/blob/main/spec.md."""

from collections.abc import Iterator, Sequence
from typing import Final

from eod.model.tier import Tier
from eod.tiers.manifests.differences import Difference, differences
from eod.tiers.manifests.images import image_of
from eod.tiers.manifests.wording import fields, listed, strictest_of
from eod.tiers.manifests.workloads import judge_image
from eod.tiers.manifests.yamldata import Value
from eod.tiers.opinion import Opinion

_TOP: Final = frozenset(
    {"version", "services", "networks", "volumes", "configs", "secrets", "name", "include", "models"}
)
_POWER: Final = frozenset(
    {"privileged", "cap_add", "cap_drop", "security_opt", "userns_mode", "pid", "ipc", "devices"}
)
_ENGINE: Final = frozenset({"environment", "env_file", "command", "entrypoint"})
_SCRIPTS: Final = "docker-entrypoint-initdb.d"

Services = dict[str, dict[str, Value]]


def is_compose(value: Value) -> bool:
    """Whether `value` looks like a Compose file, whatever its name."""
    if not isinstance(value, dict) or not all(key in _TOP or key.startswith("x-") for key in value):
        return False
    services = value.get("services")
    return (
        isinstance(services, dict)
        and bool(services)
        and all(isinstance(each, dict) for each in services.values())
        and any({"image", "build", "extends"} & set(each) for each in services.values())
    )


def judge_compose(old: Value, new: Value) -> Opinion | None:
    """What changed between two Compose files; `None` where nothing did. An absent one is `None`."""
    return strictest_of(_all(old, new))


def _all(old: Value, new: Value) -> Iterator[Opinion]:
    before, after = _services(old), _services(new)
    gone, come = _apart(before, after)
    for name in (each for each in before if each in after):
        yield from _changed(before[name], after[name], listed([name]))
    # A new file, or the end of one, packages what is there; only stores and queues weigh by themselves.
    services_count = bool(before) and bool(after)
    for name in come:
        yield from _added(name, after[name], new_service=services_count)
    for name in gone if services_count else ():
        yield from _removed(name, before[name])
    rest = [each for each in differences(_top(old), _top(new)) if each.path[0] != "version"]
    secrets = [each for each in rest if each.path[0] == "secrets"]
    if secrets and services_count:
        yield Opinion(
            Tier.FULL, "secrets", f"Changes {fields(secrets)}: a secret must be there before the services."
        )
    if before != after or rest:
        yield Opinion(Tier.LIGHTWEIGHT, "compose", "Changes settings of the Compose file.")
    elif old != new:
        yield Opinion(Tier.NONE, "description", "Only `version` changed, which Compose ignores.")


def _services(value: Value) -> Services:
    services = value.get("services") if isinstance(value, dict) else None
    if not isinstance(services, dict):
        return {}
    return {name: each if isinstance(each, dict) else {} for name, each in services.items()}


def _top(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        return {}
    return {key: each for key, each in value.items() if key != "services" and not key.startswith("x-")}


def _apart(before: Services, after: Services) -> tuple[list[str], list[str]]:
    """Names of services that are gone, and that have come; not those that only have another name."""
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    for name in list(come):
        same = next((other for other in gone if _runs(before[other]) == _runs(after[name])), None)
        if same is not None:
            gone.remove(same)
            come.remove(name)
    return gone, come


def _runs(service: dict[str, Value]) -> str:
    build = service.get("build")
    return repr((build, image_of(service.get("image")).repository))


def _added(name: str, service: dict[str, Value], *, new_service: bool) -> Iterator[Opinion]:
    title = f"Service {listed([name])}"
    yield from judge_image(None, service.get("image"), title)
    role = image_of(service.get("image")).role
    if new_service and not role and _is_whole(service):
        yield Opinion(
            Tier.FULL, "new-service", f"Adds the service {listed([name])}, which has never run anywhere."
        )


def _is_whole(service: dict[str, Value]) -> bool:
    """Whether it names what runs; else it overrides a service of another file."""
    return "image" in service or "build" in service


def _removed(name: str, service: dict[str, Value]) -> Iterator[Opinion]:
    role = image_of(service.get("image")).role
    if role in {"database", "cache"}:
        yield Opinion(Tier.DATABASE, "database-engine", f"Removes the service {listed([name])}: a store of data.")
    elif role == "queue":
        yield Opinion(Tier.FULL, "queue", f"Removes the service {listed([name])}: a queue or a stream.")
    elif not role and _is_whole(service):
        yield Opinion(Tier.FULL, "removed-service", f"Removes the service {listed([name])}.")


def _changed(old: dict[str, Value], new: dict[str, Value], title: str) -> Iterator[Opinion]:
    if old == new:
        return
    if old.get("image") != new.get("image"):
        yield from judge_image(old.get("image"), new.get("image"), title)
    found = list(differences(old, new))
    power = [each for each in found if _POWER & set(each.path)]
    if power:
        yield Opinion(Tier.FULL, "pod-security", f"{title} changes {fields(power)}: what a container may do.")
    secrets = [each for each in found if each.path[0] == "secrets"]
    if secrets:
        yield Opinion(Tier.FULL, "secrets", f"{title} changes {fields(secrets)}.")
    if image_of(new.get("image") or old.get("image")).role == "database":
        yield from _of_database(found, title)
    yield Opinion(Tier.LIGHTWEIGHT, "compose", f"{title} changes {fields(found)}.")


def _of_database(found: Sequence[Difference], title: str) -> Iterator[Opinion]:
    engine = [each for each in found if _ENGINE & set(each.path)]
    scripts = [each for each in found if "volumes" in each.path and _SCRIPTS in f"{each.old} {each.new}"]
    if engine or scripts:
        yield Opinion(
            Tier.DATABASE, "database-engine", f"{title} runs a database; {fields([*engine, *scripts])} changed."
        )
