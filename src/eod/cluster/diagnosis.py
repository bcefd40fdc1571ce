"""Why a namespace does not go away: from its conditions, the API services and what is still in it. Pure."""

from typing import Any

from eod.cluster.listing import Found

LOAD_BALANCER_FINALIZERS = (
    "ingress.k8s.aws/resources",
    "group.ingress.k8s.aws/",
    "service.k8s.aws/resources",
    "service.kubernetes.io/load-balancer-cleanup",
    "elbv2.k8s.aws/resources",
)
"""Finalizers behind which load balancers, security and target groups stand: stripping them leaks those."""


def holds_load_balancer(finalizer: str) -> bool:
    """Whether a load balancer's controller has to remove this finalizer itself."""
    return finalizer.startswith(LOAD_BALANCER_FINALIZERS)


def explain(
    namespace: dict[str, Any], services: list[dict[str, Any]], remaining: tuple[Found, ...]
) -> tuple[tuple[str, ...], str]:
    """What holds a namespace, a line each, and what to do about the first cause.

    Args:
        namespace: As the API shows it.
        services: The cluster's APIServices; empty if we may not list them.
        remaining: What is still in the namespace.
    """
    active = _active_conditions(namespace)
    dead = _dead_services(services) if _DISCOVERY in active else ()
    held = tuple(
        f"{_word(thing)} is held by {', '.join(thing.finalizers)}" for thing in remaining if thing.finalizers
    )
    lines = (*(f"{kind}: {message}" for kind, message in active.items()), *dead, *held)
    return lines, _advice(active, dead, remaining)


_DISCOVERY = "NamespaceDeletionDiscoveryFailure"
_CONDITIONS = (
    _DISCOVERY,
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
)


def _active_conditions(namespace: dict[str, Any]) -> dict[str, str]:
    conditions = (namespace.get("status") or {}).get("conditions") or []
    found = {c.get("type", ""): str(c.get("message", "")) for c in conditions if c.get("status") == "True"}
    return {kind: found[kind] for kind in _CONDITIONS if kind in found}


def _dead_services(services: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(
        f"APIService {service['metadata']['name']} is dead: {condition.get('message', '')}"
        for service in services
        for condition in (service.get("status") or {}).get("conditions") or []
        if condition.get("type") == "Available" and condition.get("status") != "True"
    )


def _advice(active: dict[str, str], dead: tuple[str, ...], remaining: tuple[Found, ...]) -> str:
    if _DISCOVERY in active:
        names = ", ".join(line.split()[1] for line in dead) or "the one that the first line names"
        return f"Repair or delete the dead APIService ({names}): the cluster cannot list what it should delete."
    held = [thing for thing in remaining if thing.finalizers]
    if any(holds_load_balancer(finalizer) for thing in held for finalizer in thing.finalizers):
        return (
            "Let the load balancer's controller run until it has removed its load balancers; removing its "
            "finalizer by hand leaks security groups and target groups."
        )
    if held:
        return (
            "Have the controller that set these finalizers run; only if it is gone for good, remove them by hand."
        )
    if remaining:
        return "Wait for these objects to go, or delete them, then re-run the job."
    return "Re-run the job; if it stays, look at the namespace controller's log."


def _word(thing: Found) -> str:
    return f"{thing.kind.singular} {thing.name}"
