"""`eod doctor`: is everything in place that a run will need? Each line says ok, or what to do."""

from collections.abc import Callable

from msgspec import Struct

from eod.cli.build import LiveRooms
from eod.config import ArgoCdMode
from eod.errors import EodError


class Finding(Struct, frozen=True, kw_only=True):
    """One line. `detail` says what was found, or what to do."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def examine(rooms: LiveRooms) -> tuple[Finding, ...]:
    """Look at everything; a check that fails does not stop the others."""
    return tuple(_find(name, check, rooms) for name, check in _CHECKS if _applies(name, rooms))


def _find(name: str, check: Callable[[LiveRooms], str], rooms: LiveRooms) -> Finding:
    try:
        return Finding(name=name, ok=True, detail=check(rooms))
    except EodError as error:
        return Finding(name=name, ok=False, detail=error.what, fix=error.fix)


def _applies(name: str, rooms: LiveRooms) -> bool:
    needed = {
        "Terraform": rooms.config.terraform is not None,
        "Terraform state": rooms.config.terraform is not None,
        "Argo CD": rooms.config.argocd.mode is not ArgoCdMode.NONE,
        "AWS": rooms.uses_aws,
    }
    return needed.get(name, True)


def _configuration(rooms: LiveRooms) -> str:
    return f"environments answer at {rooms.config.name}.{rooms.config.domain}"


def _github(rooms: LiveRooms) -> str:
    return f"{len(rooms.forge.open_pull_requests())} open pull requests in {rooms.repository}"


def _permissions(rooms: LiveRooms) -> str:
    return rooms.check_permissions()


def _records(rooms: LiveRooms) -> str:
    return f"{len(rooms.records.all())} environments on {rooms.config.records.branch}"


def _cluster(rooms: LiveRooms) -> str:
    return f"Kubernetes {rooms.cluster.version()}"


def _argocd(rooms: LiveRooms) -> str:
    delivery = rooms.delivery
    return "" if delivery is None else f"{len(delivery.applications())} preview applications"


def _terraform(rooms: LiveRooms) -> str:
    return rooms.terraform_version()


def _state(rooms: LiveRooms) -> str:
    return rooms.check_backend()


def _aws(rooms: LiveRooms) -> str:
    inventory = rooms.inventory
    found = {} if inventory is None else inventory.environments()
    return f"{sum(len(items) for items in found.values())} resources of {len(found)} environments by tag"


def _dns(rooms: LiveRooms) -> str:
    return rooms.check_dns()


_CHECKS: tuple[tuple[str, Callable[[LiveRooms], str]], ...] = (
    ("Configuration", _configuration),
    ("GitHub", _github),
    ("Workflow permissions", _permissions),
    ("Records", _records),
    ("Cluster", _cluster),
    ("Argo CD", _argocd),
    ("Terraform", _terraform),
    ("Terraform state", _state),
    ("AWS", _aws),
    ("DNS", _dns),
)
