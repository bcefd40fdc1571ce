"""`eod doctor`: is everything in place that a run will need? Each line says ok, or what to do."""

import socket
from collections.abc import Callable

from msgspec import Struct

from eod.cli.build import LiveRooms
from eod.config import ArgoCdMode
from eod.config.placeholders import fill
from eod.errors import EodError, NotReachableError
from eod.lifecycle.place import backend_of, place_of, placeholders

_NUMBER = 999_999_999
"""A pull request that no repository reaches: the doctor's state key must be nobody's."""


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
    return rooms.forge.check_permissions()


def _records(rooms: LiveRooms) -> str:
    return f"{len(rooms.records.all())} environments on {rooms.config.records.branch}"


def _cluster(rooms: LiveRooms) -> str:
    return f"Kubernetes {rooms.cluster.version()}"


def _argocd(rooms: LiveRooms) -> str:
    delivery = rooms.delivery
    return "" if delivery is None else f"{len(delivery.applications())} preview applications"


def _terraform(rooms: LiveRooms) -> str:
    terraform = rooms.terraform
    return "not used" if terraform is None else f"{terraform.engine.product} {terraform.engine.version}"


def _state(rooms: LiveRooms) -> str:
    """Whether the module's providers and its backend can be had, with a state of its own that stays empty."""
    terraform, settings = rooms.terraform, rooms.config.terraform
    if terraform is None or settings is None:
        return "not used"
    place = place_of(rooms.config, rooms.repository, _NUMBER)
    values = placeholders(rooms.config, place, owner="doctor", tier="full", head_sha="", head_ref="")
    directory = fill(settings.directory, values)
    terraform.workspace(
        environment=place.environment,
        root=rooms.source.checkout(rooms.base_commit) / directory,
        commit=rooms.base_commit,
        backend=backend_of(rooms.config, values),
        variables={},
        tags={},
        directory=directory,
    ).check()
    return f"{directory} initialises"


def _aws(rooms: LiveRooms) -> str:
    inventory = rooms.inventory
    found = {} if inventory is None else inventory.environments()
    return f"{sum(len(items) for items in found.values())} resources of {len(found)} environments by tag"


def _dns(rooms: LiveRooms) -> str:
    """Whether a name under the domain resolves: with a wildcard record no pull request waits for DNS."""
    domain = rooms.config.domain
    name = f"eod-doctor.{domain}"
    try:
        socket.getaddrinfo(name, None)
    except OSError as error:
        raise NotReachableError(
            f"{name} does not resolve.",
            why="There is no wildcard record for the domain.",
            fix=f"Add a record *.{domain}, or let the module make one for each environment.",
        ) from error
    return f"*.{domain} resolves"


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
