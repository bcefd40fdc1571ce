"""Argo CD and the URL within `up`: the right revision healthy, then an answer."""

from eod.config import ArgoCdMode
from eod.lifecycle.case import Case
from eod.lifecycle.made import application_recorded, application_spec, same_application
from eod.lifecycle.place import expected_revision
from eod.lifecycle.ports import Delivery
from eod.lifecycle.provision import Provisioning
from eod.lifecycle.writing import Ledger
from eod.model.kube import ApplicationSpec, ApplicationStatus


def deliver(case: Case, ledger: Ledger, provisioning: Provisioning) -> None:
    """Have the application synced at the pull request's head, wait until it is healthy and its URL answers.

    Raises:
        NotHealthyError: It did not become healthy in time; the message says which pods are in the way.
        NotReachableError: It is healthy, and the URL does not answer.
    """
    rooms = case.rooms
    _leave_former(case, ledger)
    application = application_recorded(case)
    if rooms.delivery is not None and application is not None:
        spec = application_spec(case)
        ledger.syncing(application)
        with case.journey.step("sync", "Argo CD sync") as step:
            status = _sync(case, rooms.delivery, spec, provisioning)
            step.detail = f"{status.revision[:7]} healthy" if status.revision else "healthy"
    if case.config.readiness.enabled:
        with case.journey.step("answer", "The URL answers") as step:
            step.detail = _answer(case)


def _leave_former(case: Case, ledger: Ledger) -> None:
    """Delete an Application that was made elsewhere, or by another hand, before the configuration was changed."""
    former = ledger.application
    if case.existing is None or former is None or same_application(former, application_recorded(case)):
        return
    delivery = case.rooms.where_made(case.existing).delivery
    if delivery is None:
        return
    with case.journey.step("former", "Delete the former application") as step:
        timeout = case.config.limits.teardown_minutes * 60
        generated = former.mode == ArgoCdMode.APPLICATION_SET
        if not delivery.delete(former.name, timeout, generated=generated):
            step.skip("there was none")
    ledger.learned(application=None)


def _sync(case: Case, delivery: Delivery, spec: ApplicationSpec, provisioning: Provisioning) -> ApplicationStatus:
    argocd = case.config.argocd
    timeout = argocd.timeout_minutes * 60
    if argocd.mode is ArgoCdMode.APPLICATION_SET:
        delivery.poke(argocd.application_set, spec.name, timeout)
    else:
        delivery.ensure(spec)

    def on_status(status: ApplicationStatus) -> None:
        provisioning.check()
        case.journey.status(status)

    return delivery.wait_ready(
        spec.name,
        expected_revision(spec),
        timeout_seconds=timeout,
        hold_seconds=argocd.hold_seconds,
        on_status=on_status,
    )


def _answer(case: Case) -> str:
    readiness = case.config.readiness
    balancer = case.rooms.cluster.load_balancer(
        case.place.namespace, case.place.hostname, scheme=readiness.direct_scheme
    )
    url = case.place.url
    if balancer is not None:
        url = f"{readiness.direct_scheme}://{case.place.hostname}{readiness.path}"
    answered = case.rooms.prober.wait(
        url, statuses=readiness.status, timeout_seconds=readiness.timeout_minutes * 60, via=balancer
    )
    if balancer is None:
        return answered
    case.journey.change(direct_url=answered)
    return f"by {balancer.source}"
