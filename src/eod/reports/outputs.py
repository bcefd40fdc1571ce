"""What scripts and later steps get of a run: the action's outputs, and documents for `--json`."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from eod.model.outcome import Outcome, SweepOutcome
from eod.reports.redact import Redactor, redacted
from eod.reports.situation import Situation, situation_of

SCHEMA = 1
"""Raised when a key of a document is renamed or removed; new keys do not count."""

_Data = TypeVar("_Data", bound=msgspec.Struct)
_USABLE = frozenset({Situation.READY, Situation.COOKING})


def outputs_of(outcome: Outcome) -> dict[str, str]:
    """Every output of the action as text; empty where there is nothing to say."""
    tier = outcome.verdict.tier if outcome.verdict else outcome.tier
    return {
        "tier": "" if tier is None else str(tier),
        "phase": "" if outcome.phase is None else str(outcome.phase),
        "environment": outcome.environment,
        "url": outcome.url if situation_of(outcome) in _USABLE else "",
        "namespace": outcome.namespace if outcome.phase is not None else "",
        "plan-summary": outcome.plan.line if outcome.plan else "",
        "terraform-outputs": "" if outcome.outputs is None else _json(outcome.outputs.values),
        "ready-seconds": _number(outcome.ready_seconds),
        "cost-per-day": _number(outcome.cost_per_day),
        "expires-at": "" if outcome.expires_at is None else _stamp(outcome.expires_at),
        "certificate": _json(outcome.certificate),
        "verdict-json": _json(outcome.verdict),
    }


def outcome_document(outcome: Outcome, redact: Redactor | None = None) -> dict[str, Any]:
    """The document of `eod up --json` and `eod down --json`: the outcome, and what follows from it."""
    outcome = _clean(outcome, redact)
    document: dict[str, Any] = msgspec.to_builtins(outcome)
    for step, told in zip(outcome.steps, document["steps"], strict=True):
        told["seconds"] = step.seconds
    if outcome.plan is not None:
        document["plan"]["line"] = outcome.plan.line
    if outcome.certificate is not None:
        document["certificate"]["complete"] = outcome.certificate.complete
    return {"schema": SCHEMA, "situation": str(situation_of(outcome)), **document}


def sweep_document(outcome: SweepOutcome, redact: Redactor | None = None) -> dict[str, Any]:
    """The document of `eod sweep --json`."""
    outcome = _clean(outcome, redact)
    document: dict[str, Any] = msgspec.to_builtins(outcome)
    for certificate, told in zip(outcome.certificates, document["certificates"], strict=True):
        told["complete"] = certificate.complete
    return {"schema": SCHEMA, **document}


def as_json(document: dict[str, Any]) -> str:
    """A document as text, indented for people."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _clean(data: _Data, redact: Redactor | None) -> _Data:
    cleaned: Any = redacted(data, redact or Redactor())
    return cleaned  # type: ignore[no-any-return]  # `redacted` keeps the type


def _json(value: object) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
