"""Argo CD and the URL within `up`: the right revision healthy, then an answer."""

from eod.config import ArgoCdMode
from eod.errors import NotHealthyError
from eod.lifecycle.journey import Journey
from eod.lifecycle.place import Place, application_of, expected_revision, placeholders
from eod.lifecycle.ports import Delivery
from eod.lifecycle.provision import Provisioning
from eod.lifecycle.rooms import Rooms
from eod.lifecycle.writing import Ledger
from eod.model.kube import ApplicationSpec, ApplicationStatus
from eod.model.pull import PullRequest
from eod.model.record import ApplicationRecord


def deliver(
    rooms: Rooms, journey: Journey, ledger: Ledger, place: Place, pull: PullRequest, provisioning: Provisioning
) -> None:
    """Have the application synced at the pull request's head, wait until it is healthy and its URL answers.

    Raises:
        NotHealthyError: It did not become healthy in time; the message says which pods are in the way.
        NotReachableError: It is healthy, and the URL does not answer.
    """
    if rooms.delivery is not None:
        spec = _application(rooms, place, pull, str(ledger.tier))
        mode = rooms.config.argocd.mode
        ledger.syncing(
            ApplicationRecord(
                name=spec.name,
                namespace=spec.argocd_namespace,
                mode=str(mode),
                revision=str(spec.source.get("targetRevision", "")),
            )
        )
        with journey.step("sync", "Argo CD sync") as step:
            status = _sync(rooms, rooms.delivery, journey, spec, provisioning)
            step.detail = f"{status.revision[:7]} healthy" if status.revision else "healthy"
    if rooms.config.readiness.enabled:
        with journey.step("answer", "The URL answers") as step:
            step.detail = _answer(rooms, journey, place, provisioning)


def _application(rooms: Rooms, place: Place, pull: PullRequest, tier: str) -> ApplicationSpec:
    values = placeholders(
        rooms.config, place, owner=pull.author, tier=tier, head_sha=pull.head_sha, head_ref=pull.head_ref
    )
    return application_of(rooms.config, place, clone_url=rooms.clone_url, head_sha=pull.head_sha, values=values)


def _sync(
    rooms: Rooms, delivery: Delivery, journey: Journey, spec: ApplicationSpec, provisioning: Provisioning
) -> ApplicationStatus:
    argocd = rooms.config.argocd
    timeout = argocd.timeout_minutes * 60
    if argocd.mode is ArgoCdMode.APPLICATION_SET:
        delivery.poke(argocd.application_set, spec.name, timeout)
    else:
        delivery.ensure(spec)

    def on_status(status: ApplicationStatus) -> None:
        provisioning.check()
        journey.status(status)

    try:
        return delivery.wait_ready(
            spec.name,
            expected_revision(spec),
            timeout_seconds=timeout,
            hold_seconds=argocd.hold_seconds,
            on_status=on_status,
        )
    except NotHealthyError as error:
        problems = rooms.cluster.problems(spec.destination_namespace)
        if not problems:
            raise
        raise NotHealthyError(
            error.what,
            why=error.why,
            fix=error.fix,
            where=error.where,
            detail="\n".join([*error.detail.splitlines(), *problems]),
        ) from error


def _answer(rooms: Rooms, journey: Journey, place: Place, provisioning: Provisioning) -> str:
    readiness = rooms.config.readiness
    balancer = rooms.cluster.load_balancer(place.namespace, place.hostname)
    url = place.url
    if balancer is not None:
        url = f"{readiness.direct_scheme}://{place.hostname}{readiness.path}"
    answered = rooms.prober.wait(
        url, statuses=readiness.status, timeout_seconds=readiness.timeout_minutes * 60, via=balancer
    )
    if balancer is not None:
        journey.change(direct_url=answered)
    return f"by {balancer.source}" if balancer is not None else answered
