"""Whether a comparison calls for a sync by itself, and for which."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from standins.argocd.behaviour import Behaviour
from standins.argocd.comparison import Comparison
from standins.argocd.status import FINISHED
from standins.kubernetes.objects import Object, is_deleting

_RETRIES: Final = 5


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An operation to start, a problem to show, or seconds to wait; nothing at all when there is nothing to do."""

    operation: Object | None = None
    problem: str | None = None
    wait: float | None = None


def decide(application: Object, comparison: Comparison, behaviour: Behaviour, now: datetime) -> Decision:
    """What automated sync does about a comparison."""
    policy = application["spec"].get("syncPolicy") or {}
    automated = policy.get("automated")
    if automated is None or automated.get("enabled") is False or application.get("operation"):
        return Decision()
    if is_deleting(application) or comparison.status != "OutOfSync":
        return Decision()
    differing = [item for item in comparison.resources if not item.in_sync]
    if not automated.get("prune") and all(item.wanted is None for item in differing):
        return Decision()
    sync: Object = {"revision": comparison.revision, "source": application["spec"]["source"]}
    if automated.get("prune"):
        sync["prune"] = True
    if policy.get("syncOptions"):
        sync["syncOptions"] = policy["syncOptions"]
    attempted = _attempted(application, comparison)
    if attempted is not None:
        if attempted["phase"] != "Succeeded":
            last = (attempted.get("syncResult") or {}).get("revision", "")
            return Decision(problem=f"Failed last sync attempt to [{last}]: {attempted.get('message', '')}")
        if not automated.get("selfHeal"):
            return Decision()
        healed = _healing_attempts(attempted, behaviour, now)
        left = _seconds_until_heal(attempted, healed, behaviour, now)
        if left > 0:
            return Decision(wait=left)
        sync["autoHealAttemptsCount"] = healed + 1
        sync["resources"] = [
            {"group": item.key.group, "kind": item.key.kind, "name": item.key.name} for item in differing
        ]
    wipes_out = all(item.wanted is None for item in comparison.resources)
    if automated.get("prune") and not automated.get("allowEmpty") and wipes_out:
        revision = comparison.revision
        return Decision(problem=f"Skipping sync attempt to [{revision}]: auto-sync will wipe out all resources")
    retry = policy.get("retry") or {"limit": _RETRIES}
    return Decision(operation={"sync": sync, "initiatedBy": {"automated": True}, "retry": retry})


def _attempted(application: Object, comparison: Comparison) -> Object | None:
    state: Object | None = (application.get("status") or {}).get("operationState")
    if state is None or state["phase"] not in FINISHED:
        return None
    result = state.get("syncResult")
    if result is None:
        return state
    same_source = (result.get("source") or {}) == application["spec"]["source"]
    return state if result.get("revision") == comparison.revision and same_source else None


def _healing_attempts(state: Object, behaviour: Behaviour, now: datetime) -> int:
    if _seconds_since(state["finishedAt"], now) >= behaviour.self_heal_cooldown:
        return 0
    return int((state["operation"].get("sync") or {}).get("autoHealAttemptsCount", 0))


def _seconds_until_heal(state: Object, attempts: int, behaviour: Behaviour, now: datetime) -> float:
    if attempts == 0:
        return 0.0
    pause = behaviour.self_heal * behaviour.self_heal_factor ** (attempts - 1)
    return min(pause, behaviour.self_heal_cap) - _seconds_since(state["finishedAt"], now)


def _seconds_since(time: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(time)).total_seconds()
