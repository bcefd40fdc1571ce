"""What a report says of an outcome, picked out and cut to size, before it is put into words. Pure."""

from collections import Counter
from datetime import datetime

from msgspec import Struct, structs

from eod.config.tiers import built_in_tiers
from eod.model.cloud import Certificate
from eod.model.outcome import Outcome, Step
from eod.model.plan import BlockingResource, Loss, MadeKind, WaitHint
from eod.model.policy import PolicyFinding, Severity
from eod.model.tier import PLAN_RULE, Evidence, Tier
from eod.reports.expectation import Course, courses, saving
from eod.reports.markdown import cut_lines, shorten
from eod.reports.situation import Situation, situation_of
from eod.reports.wording import minutes_range

_SECONDS_A_DAY = 86_400
_LOSSES = 20
"""More of them are read in the plan itself."""


class Room(Struct, frozen=True, kw_only=True):
    """How much of each foldable part is shown. Characters and rows."""

    evidence: int
    items: int
    steps: int
    notices: int
    detail: int
    plan: int


class Running(Struct, frozen=True, kw_only=True):
    """A resource that is being made now. `title` is its kind's, `usual` how long that takes, both in words."""

    address: str
    action: str
    title: str = ""
    seconds: float
    usual: str = ""


class Rows(Struct, frozen=True, kw_only=True):
    """Rows of a table, and how many were left out."""

    shown: tuple[tuple[str, ...], ...]
    more: int = 0


class Trouble(Struct, frozen=True, kw_only=True):
    """A failure in its parts; `detail` is what the other side said."""

    step: str
    what: str
    why: str
    fix: str
    detail: str
    left_out: int


class Digest(Struct, frozen=True, kw_only=True):
    """Everything that templates need beside the outcome itself."""

    situation: Situation
    tier: str
    deciding: Evidence | None
    deciding_more: int
    evidence: tuple[Evidence, ...]
    evidence_more: int
    evidence_count: int
    usual: str
    elapsed: float
    running: tuple[Running, ...]
    running_more: int
    done: int
    total: int
    steps: tuple[Step, ...]
    steps_more: int
    blocking: tuple[BlockingResource, ...]
    savings: dict[str, str]
    courses: tuple[Course, ...]
    hints: tuple[WaitHint, ...]
    hints_more: int
    losses: tuple[Loss, ...]
    losses_more: int
    findings: tuple[PolicyFinding, ...]
    findings_more: int
    findings_count: str
    refused: bool
    untold: tuple[PolicyFinding, ...]
    untold_more: int
    made: tuple[MadeKind, ...]
    cooking: tuple[Running, ...]
    notices: tuple[str, ...]
    notices_more: int
    plan_text: str
    plan_left_out: int
    trouble: Trouble | None
    items: Rows
    lifetime: float | None
    spent: float | None


def digest(outcome: Outcome, now: datetime, room: Room) -> Digest:
    """Pick out what to say, within `room`."""
    evidence = _by_strictness(outcome)
    deciding = _deciding(outcome, evidence)
    running = _running(outcome)
    lifetime, spent = _life(outcome)
    done, total = tally(outcome)
    said = outcome.plan.policy if outcome.plan else ()
    found = tuple(one for one in said if one.severity is not Severity.UNKNOWN)
    untold = tuple(one for one in said if one.severity is Severity.UNKNOWN)
    plan_text, plan_left_out = cut_lines(outcome.plan_text, room.plan)
    return Digest(
        situation=situation_of(outcome),
        tier=_tier(outcome),
        deciding=deciding[0] if deciding else None,
        deciding_more=max(len(deciding) - 1, 0),
        evidence=evidence[: room.evidence],
        evidence_more=max(len(evidence) - room.evidence, 0),
        evidence_count=sum(one.rule != PLAN_RULE for one in evidence),
        usual=_usual(outcome),
        elapsed=((outcome.finished_at or now) - outcome.started_at).total_seconds(),
        running=running[: room.items],
        running_more=max(len(running) - room.items, 0),
        done=done,
        total=total,
        steps=outcome.steps[: room.steps],
        steps_more=max(len(outcome.steps) - room.steps, 0),
        blocking=said_once(outcome.plan.blocking[: room.items]) if outcome.plan else (),
        savings={one.kind: saving(outcome, one.kind) for one in (outcome.plan.blocking if outcome.plan else ())},
        courses=courses(outcome, room.items) if room.items else (),
        hints=outcome.plan.hints[: room.items] if outcome.plan else (),
        hints_more=max(len(outcome.plan.hints) - room.items, 0) if outcome.plan else 0,
        losses=outcome.plan.losses[: min(room.items, _LOSSES)] if outcome.plan else (),
        losses_more=max(len(outcome.plan.losses) - min(room.items, _LOSSES), 0) if outcome.plan else 0,
        findings=found[: min(room.items, _LOSSES)],
        findings_more=max(len(found) - min(room.items, _LOSSES), 0),
        findings_count=_findings_count(found),
        refused=any(one.severity is Severity.REFUSED for one in found),
        untold=untold[: min(room.items, _LOSSES)],
        untold_more=max(len(untold) - min(room.items, _LOSSES), 0),
        made=outcome.plan.made[: room.items] if outcome.plan else (),
        cooking=_cooking(outcome)[: room.items],
        notices=outcome.notices[: room.notices],
        notices_more=max(len(outcome.notices) - room.notices, 0),
        plan_text=plan_text,
        plan_left_out=plan_left_out,
        trouble=_trouble(outcome, room),
        items=certificate_rows(outcome.certificate, room.items),
        lifetime=lifetime,
        spent=spent,
    )


def certificate_rows(certificate: Certificate | None, limit: int) -> Rows:
    """What a certificate lists: kind, name, and when it was removed; what is left first."""
    if certificate is None:
        return Rows(shown=())
    left = [(item.kind, item.id, "") for item in certificate.remaining]
    gone = [(one.item.kind, one.item.id, one.at.strftime("%H:%M:%S")) for one in certificate.removed]
    rows = tuple(left + gone)
    return Rows(shown=rows[:limit], more=max(len(rows) - limit, 0))


def said_once(blocking: tuple[BlockingResource, ...]) -> tuple[BlockingResource, ...]:
    """The same, with a hint that several have in common only at the first of them."""
    seen: set[str] = set()
    told = []
    for one in blocking:
        told.append(structs.replace(one, hint="") if one.hint in seen else one)
        seen.add(one.hint)
    return tuple(told)


def _tier(outcome: Outcome) -> str:
    if outcome.verdict is not None:
        return str(outcome.verdict.tier)
    return "" if outcome.tier is None else str(outcome.tier)


def _by_strictness(outcome: Outcome) -> tuple[Evidence, ...]:
    evidence = () if outcome.verdict is None else outcome.verdict.evidence
    return tuple(sorted(evidence, key=lambda one: (-one.tier.rank, one.path)))


def _deciding(outcome: Outcome, evidence: tuple[Evidence, ...]) -> list[Evidence]:
    """The files that ask for the tier that was chosen; none when a label or input overruled them."""
    if outcome.verdict is None or outcome.verdict.forced_by:
        return []
    return [one for one in evidence if one.tier is outcome.verdict.tier]


def _findings_count(found: tuple[PolicyFinding, ...]) -> str:
    words = {Severity.REFUSED: "refused", Severity.WARNED: "to look at"}
    counts = Counter(one.severity for one in found)
    return ", ".join(f"{counts[severity]} {word}" for severity, word in words.items() if counts[severity])


def _usual(outcome: Outcome) -> str:
    if outcome.verdict is None or outcome.verdict.tier is Tier.NONE:
        return ""
    return minutes_range(*built_in_tiers()[outcome.verdict.tier].minutes)


def _slow(outcome: Outcome) -> dict[str, BlockingResource]:
    return {one.address: one for one in outcome.plan.blocking} if outcome.plan else {}


def _running(outcome: Outcome) -> tuple[Running, ...]:
    """What Terraform is at, the longest first."""
    slow = _slow(outcome)
    under_way = [one for one in outcome.progress if one.state in {"started", "progress"}]
    under_way.sort(key=lambda one: -one.elapsed_seconds)
    return tuple(
        _as_running(one.address, one.action, one.elapsed_seconds, slow.get(one.address)) for one in under_way
    )


def _cooking(outcome: Outcome) -> tuple[Running, ...]:
    slow = _slow(outcome)
    seconds = {one.address: one.elapsed_seconds for one in outcome.progress}
    return tuple(
        _as_running(address, "create", seconds.get(address, 0.0), slow.get(address)) for address in outcome.cooking
    )


def _as_running(address: str, action: str, seconds: float, slow: BlockingResource | None) -> Running:
    if slow is None or action == "delete":
        return Running(address=address, action=action, seconds=seconds)
    usual = minutes_range(slow.minutes_low, slow.minutes_high)
    return Running(address=address, action=action, title=slow.title, seconds=seconds, usual=usual)


def tally(outcome: Outcome) -> tuple[int, int]:
    """How many resources Terraform is done with, and of how many. A replacement is one."""
    done = sum(1 for one in outcome.progress if one.state == "complete")
    return done, _total(outcome)


def _total(outcome: Outcome) -> int:
    plan = outcome.plan
    if plan is None or outcome.command == "down":
        return len({one.address for one in outcome.progress})
    return max(plan.adds + plan.changes + plan.destroys + plan.replaces, len(outcome.progress))


def _trouble(outcome: Outcome, room: Room) -> Trouble | None:
    failure = outcome.failure
    if failure is None:
        return None
    first, _, rest = failure.what.partition("\n")
    detail, left_out = cut_lines(rest, room.detail)
    if rest and not detail:
        detail, left_out = shorten(rest.splitlines()[0], room.detail), len(rest.splitlines()) - 1
    title = next((step.title for step in outcome.steps if step.name == failure.step), failure.step)
    return Trouble(
        step=title, what=first, why=failure.why, fix=failure.fix, detail=detail.strip("\n"), left_out=left_out
    )


def _life(outcome: Outcome) -> tuple[float | None, float | None]:
    """How long the environment lived, in seconds, and what that cost at most."""
    certificate = outcome.certificate
    if certificate is None or certificate.created_at is None:
        return None, None
    lived = (certificate.issued_at - certificate.created_at).total_seconds()
    spent = None if outcome.cost_per_day is None else outcome.cost_per_day * lived / _SECONDS_A_DAY
    return lived, spent
