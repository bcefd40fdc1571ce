"""A run as lines of a log: what changed between two snapshots. Pure."""

from datetime import datetime

from eod.model.outcome import Outcome, Step, StepState
from eod.model.plan import PlanSummary, ResourceProgress
from eod.reports.digest import said_once
from eod.reports.expectation import lines as estimate_lines
from eod.reports.expectation import path_lines
from eod.reports.situation import Situation, situation_of
from eod.reports.wording import count, duration, moment, money

_MARKS = {StepState.DONE: "✓", StepState.FAILED: "✗", StepState.SKIPPED: "\u2013", StepState.RUNNING: "…"}
_DOING = {"create": "creating", "update": "changing", "delete": "deleting", "replace": "replacing"}
_DONE = {"create": "created", "update": "changed", "delete": "deleted", "replace": "replaced"}
_OVER = frozenset({"complete", "errored"})
_TELL_EVERY_SECONDS = 60
_MOST_LOSSES = 50
_MOST_FINDINGS = 50


def changes(before: Outcome | None, after: Outcome) -> list[str]:
    """The lines that tell how `after` came out of `before`, the run's previous snapshot."""
    known = {} if before is None else {step.name: step for step in before.steps}
    lines = [line for step in after.steps if (line := _step(known.get(step.name), step))]
    if after.verdict is not None and (before is None or before.verdict is None):
        lines += _verdict(after)
    if after.plan is not None and (before is None or before.plan is None):
        lines += _policies(after.plan)
        lines += _losses(after.plan)
        lines += [
            f"  {one.title} {one.address}: usually {one.minutes_low:g}-{one.minutes_high:g} min. {one.hint}"
            for one in said_once(after.plan.blocking)
        ]
    lines += _estimates(before, after)
    seen = {} if before is None else {one.address: one for one in before.progress}
    lines += [line for one in after.progress if (line := _progress(seen.get(one.address), one))]
    if after.application is not None and (before is None or before.application != after.application):
        told = after.application
        lines.append(f"  Argo CD: {told.stage}{f': {told.message}' if told.message else ''}")
    return lines


def closing(outcome: Outcome, now: datetime) -> list[str]:
    """The last lines of a run."""
    situation = situation_of(outcome)
    took = duration(((outcome.finished_at or now) - outcome.started_at).total_seconds())
    if outcome.failure is not None:
        return [f"{outcome.environment}: {situation} after {took}."]
    if situation in {Situation.READY, Situation.COOKING} and outcome.ready_seconds is not None:
        cost = f", about {money(outcome.cost_per_day)} a day" if outcome.cost_per_day else ""
        until = f", until {moment(outcome.expires_at)}" if outcome.expires_at else ""
        return [f"{outcome.url} is ready after {duration(outcome.ready_seconds)}{cost}{until}."]
    if situation is Situation.DESTROYED and outcome.certificate is not None:
        removed = count(len(outcome.certificate.removed), "thing")
        return [f"{outcome.environment} is gone after {took}: {removed} removed, nothing left."]
    return [f"{outcome.environment}: {str(situation).replace('-', ' ')} after {took}."]


def _step(before: Step | None, step: Step) -> str:
    if before is not None and before.state is step.state:
        return ""
    if step.state is StepState.RUNNING:
        return f"… {step.title}"
    took = f" ({duration(step.seconds)})" if step.seconds is not None else ""
    return f"{_MARKS[step.state]} {step.title}{took}{f': {step.detail}' if step.detail else ''}"


def _losses(plan: PlanSummary) -> list[str]:
    """What is taken away, before all else; a plan that takes away very much is read itself."""
    lines = [
        f"  ! {'replaces' if one.replaced else 'destroys'} {one.address}"
        + (f" ({one.title}{', with its data' if one.data else ''})" if one.title else "")
        + (f": {one.why}" if one.why else "")
        for one in plan.losses[:_MOST_LOSSES]
    ]
    more = len(plan.losses) - _MOST_LOSSES
    return [*lines, f"  ! and {count(more, 'more resource')} taken away"] if more > 0 else lines


def _policies(plan: PlanSummary) -> list[str]:
    lines = [f"  ! {one.severity}: {one.address}: {one.what}" for one in plan.policy[:_MOST_FINDINGS]]
    more = len(plan.policy) - _MOST_FINDINGS
    return [*lines, f"  ! and {count(more, 'more finding')} of policies"] if more > 0 else lines


def _estimates(before: Outcome | None, after: Outcome) -> list[str]:
    """When it can be used: first with all that decides it, and again when something else is waited for."""
    if after.estimate is None or situation_of(after).over:
        return []
    if before is None or before.estimate is None or before.forecast != after.forecast:
        return [*estimate_lines(after.estimate), *path_lines(after.estimate)]
    return estimate_lines(after.estimate) if before.estimate.waiting_for != after.estimate.waiting_for else []


def _verdict(outcome: Outcome) -> list[str]:
    verdict = outcome.verdict
    if verdict is None:
        return []
    if verdict.forced_by:
        return [f"  tier {verdict.tier}, forced by {verdict.forced_by}"]
    deciding = [one for one in verdict.evidence if one.tier is verdict.tier]
    more = f" (and {count(len(deciding) - 1, 'more file')})" if len(deciding) > 1 else ""
    return [
        f"  tier {verdict.tier}: {one.path}: {(one.reason or one.rule).removesuffix('.')}{more}"
        for one in deciding[:1]
    ]


def _progress(before: ResourceProgress | None, now: ResourceProgress) -> str:
    """Beginning and end of each resource, why it failed once that is told, and once a minute that it goes on."""
    doing = f"{_DOING.get(now.action, now.action)} {now.address}"
    if before is None or before.state != now.state:
        if now.state == "complete":
            return f"  {_DONE.get(now.action, now.action)} {now.address} ({duration(now.elapsed_seconds)})"
        if now.state == "errored":
            return _failed(now)
    if now.state == "errored" and now.message and (before is None or now.message != before.message):
        return _failed(now)  # the reason comes later, when nothing is in flight any more
    if before is None or before.state in _OVER:
        return "" if now.state in _OVER else f"  {doing}"
    minute, minute_before = (int(one.elapsed_seconds // _TELL_EVERY_SECONDS) for one in (now, before))
    return f"  still {doing} ({duration(now.elapsed_seconds)})" if minute > minute_before else ""


def _failed(now: ResourceProgress) -> str:
    return f"  failed: {now.address}{f': {now.message}' if now.message else ''}"
