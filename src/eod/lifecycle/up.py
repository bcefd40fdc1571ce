"""`up`: from a pull request to an environment that answers, in the order of `docs/architecture.md`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from msgspec import structs

from eod.config.tiers import resolve_tier
from eod.errors import CancelledError, EodError, SupersededError
from eod.governance.admission import refuse_over_limit, why_not
from eod.lifecycle.background import Background
from eod.lifecycle.blank import blank_outcome
from eod.lifecycle.case import Case
from eod.lifecycle.confirming import confirmed
from eod.lifecycle.deliver import deliver
from eod.lifecycle.down import down
from eod.lifecycle.journey import Journey
from eod.lifecycle.made import require_same_cluster
from eod.lifecycle.overruling import keep_overrule, settle
from eod.lifecycle.place import Place, namespace_of, place_of
from eod.lifecycle.provision import Provisioning
from eod.lifecycle.rooms import DownRequest, Rooms, Until, UpRequest
from eod.lifecycle.turn import MovedMeanwhile, await_turn
from eod.lifecycle.wanted import (
    ClosedMeanwhile,
    NewerHead,
    does_the_work,
    guard,
    guard_delivery,
    guard_head,
    guard_open,
)
from eod.lifecycle.writing import Ledger
from eod.model.outcome import Outcome
from eod.model.pull import PullRequest
from eod.model.record import Phase, Record
from eod.model.tier import Tier, Verdict
from eod.tiers import classify
from eod.tiers.overrule import remembered

ANNOUNCE_SECONDS = 5.0
"""How long a run that fails waits for its first comment and Deployment to be made."""


def up(rooms: Rooms, request: UpRequest) -> Outcome:
    """Give a pull request the environment that its change needs, or bring the one it has up to date.

    Raises:
        EodError: With the cause; the record is then in phase `failed` and the next run goes on from there.
    """
    pull = rooms.forge.pull_request(request.pr_number)
    all_the_way = request.until is Until.READY
    if all_the_way and not pull.open:
        return down(rooms, DownRequest(pr_number=pull.number))
    journey = _begin(rooms, place_of(rooms.config, rooms.repository, pull.number), pull)
    if request.head_sha and request.head_sha != pull.head_sha:
        newer = f"{pull.head_sha[:7]} was pushed after {request.head_sha[:7]}"
        if does_the_work(rooms, pull.head_sha):
            rooms.reporter.say(f"{newer}: its own run does the work.")
            return journey.outcome
        rooms.reporter.say(f"{newer}, and started no run: this one does the work.")
    case = _decide(rooms, request, journey, pull)
    reason = why_not(rooms.config, rooms.repository, pull)
    if reason and all_the_way and case.existing is not None:
        return down(rooms, DownRequest(pr_number=pull.number, reason=reason))
    if reason or request.until is Until.CLASSIFIED or case.verdict.tier is Tier.NONE:
        journey.notice(reason or _nothing_to_do(case))
        if all_the_way and case.existing is not None and case.existing.overrule != case.verdict.overrule:
            keep_overrule(rooms, case.place.environment, case.verdict.overrule)
        return journey.finish()
    return _provide_newest(case, request) if all_the_way else _plan_only(case)


def _begin(rooms: Rooms, place: Place, pull: PullRequest) -> Journey:
    blank = blank_outcome(rooms, place, "up")
    outcome = structs.replace(blank, pull=pull, owner=pull.author, head_sha=pull.head_sha)
    return Journey(outcome, clock=rooms.clock, reporter=rooms.reporter)


def _decide(rooms: Rooms, request: UpRequest, journey: Journey, pull: PullRequest) -> Case:
    """The tier, and what exists already. A failure is reported here: there may be no record to keep it in."""
    environment = journey.outcome.environment
    reading = Background(lambda: rooms.records.get(environment), "record")
    try:
        with journey.step("classify", "Choose the tier") as step:
            verdict = _verdict(rooms, journey, pull, request)
            step.detail = str(verdict.tier) + (f", forced by {verdict.forced_by}" if verdict.forced_by else "")
        existing = reading.result()
        verdict = remembered(verdict, None if existing is None else existing.overrule)
    except EodError as error:
        journey.change(failure=journey.failure(error))
        journey.finish()
        raise
    settings = resolve_tier(rooms.config, verdict.tier)
    journey.change(
        verdict=verdict,
        cost_per_day=settings.cost_per_day,
        updating=existing is not None,
        phase=None if existing is None else existing.phase,
        comment_id=None if existing is None else existing.comment_id,
        outputs=None if existing is None else existing.outputs,
    )
    return Case(
        rooms=rooms,
        journey=journey,
        place=place_of(rooms.config, rooms.repository, pull.number),
        pull=pull,
        verdict=verdict,
        settings=settings,
        image_tag=request.image_tag,
        existing=existing,
    )


def _verdict(rooms: Rooms, journey: Journey, pull: PullRequest, request: UpRequest) -> Verdict:
    changes = rooms.source.changes(pull.base_sha, pull.head_sha)
    with rooms.source.sides(changes) as content:
        judged = classify(changes, rooms.config, content, hcl=rooms.hcl)
    settled = settle(rooms, pull, request, judged)
    for notice in settled.notices:
        journey.notice(notice)
    return settled.verdict


def _nothing_to_do(case: Case) -> str:
    if case.verdict.tier is not Tier.NONE:
        return ""
    if case.existing is None:
        return "Nothing that runs has changed, so there is no environment to make."
    return "Nothing that runs has changed; the existing environment is left alone."


def _plan_only(case: Case) -> Outcome:
    provisioning = Provisioning(case)
    provisioning.start_plan()
    case = confirmed(case, provisioning)
    if not provisioning.planned:
        case.journey.notice(f"Tier {case.verdict.tier} needs no Terraform: there is nothing to plan.")
    return case.journey.finish()


def _provide_newest(case: Case, request: UpRequest) -> Outcome:
    try:
        return _provide(case)
    except NewerHead as newer:
        case.rooms.reporter.say(f"{newer}: beginning anew with it.")
        return up(case.rooms, structs.replace(request, head_sha=""))


def _provide(case: Case) -> Outcome:
    try:
        case = _in_turn(case)
    except ClosedMeanwhile:
        return _down_instead(case)
    except SupersededError as error:
        return _left_to(case, error)
    except EodError as error:
        if not error.reported:
            case.journey.change(failure=case.journey.failure(error))
            case.journey.finish()
        raise
    ledger = Ledger(case)
    provisioning = Provisioning(case)
    try:
        _take_the_steps(case, ledger, provisioning)
    except MovedMeanwhile:
        provisioning.settle()
        return _provide(replace(case, existing=_newest(case)))
    except ClosedMeanwhile:
        _stopping(case, ledger, provisioning, provisioning.stop)
        return _down_instead(case)
    except NewerHead:
        _stopping(case, ledger, provisioning, provisioning.settle)
        ledger.give_back()
        raise
    except SupersededError as error:
        # Not interrupted: what is half created would be tainted, and the newer commit's run would make it anew.
        _stopping(case, ledger, provisioning, provisioning.settle)
        return _left_to(case, error, ledger)
    except (EodError, Exception) as error:  # noqa: BLE001  # whatever it is, the record must say so; it goes on up
        _give_up(case, ledger, provisioning, error)
    return case.journey.finish()


def _in_turn(case: Case) -> Case:
    """The case as it stands once no other run is at work on the environment."""
    existing = await_turn(
        case.rooms,
        case.existing,
        read=lambda: _newest(case),
        tell=case.journey.notice,
        still_wanted=lambda: guard(case),
    )
    if existing is not None and existing.phase is Phase.DESTROYING:
        case.journey.notice("A teardown of this environment had begun: it is finished first.")
        down(case.rooms, DownRequest(pr_number=case.pull.number, reason="a teardown that had begun is finished"))
        existing = None
    if existing is not case.existing:
        case.journey.change(
            updating=existing is not None,
            phase=None if existing is None else existing.phase,
            outputs=None if existing is None else existing.outputs,
        )
    return replace(case, existing=existing)


def _newest(case: Case) -> Record | None:
    return case.rooms.records.get(case.place.environment)


def _stopping(case: Case, ledger: Ledger, provisioning: Provisioning, stop: Callable[[], None]) -> None:
    """End what still runs; a cancel meanwhile is written down like any other failure."""
    try:
        stop()
    except (EodError, Exception) as error:  # noqa: BLE001  # it goes on up
        _give_up(case, ledger, provisioning, error)
    ledger.learned(**provisioning.learned)


def _down_instead(case: Case) -> Outcome:
    case.rooms.reporter.say("The pull request was closed while this run worked: tearing down.")
    reason = "it was closed while being provisioned"
    return down(case.rooms, DownRequest(pr_number=case.pull.number, reason=reason))


def _left_to(case: Case, error: SupersededError, ledger: Ledger | None = None) -> Outcome:
    if ledger is not None:
        ledger.give_back()
    case.journey.notice(error.what)
    return case.journey.finish()


def _take_the_steps(case: Case, ledger: Ledger, provisioning: Provisioning) -> None:
    expires_at = _expiry(case)
    if case.existing is None and case.config.limits.environments:
        refuse_over_limit(case.config, case.rooms.records.all())
    provisioning.start_plan()
    ledger.request(expires_at)
    announcing = Background(ledger.announce, "announce")
    try:
        guard_head(case)
        if not provisioning.planned:
            ledger.provisioning()
        _namespace(case, ledger, expires_at)
        confirmed_case = confirmed(case, provisioning)
    finally:
        # Else the Deployment could be said to be in progress after the failure was written down.
        announcing.wait(ANNOUNCE_SECONDS)
    announcing.result()
    if confirmed_case.verdict != case.verdict:
        case = confirmed_case
        expires_at = _expiry(case)
        ledger.raised(case, expires_at)
        guard_head(case)
        _namespace(case, ledger, expires_at)
    plan = provisioning.newest_plan
    if plan is not None:
        ledger.learned(**provisioning.learned)
        ledger.planned(plan, provisioning.terraform_record())
        guard_head(case)
        ledger.provisioning()
    provisioning.start_apply(lambda: guard_head(case))
    provisioning.wait_for_gates(lambda: guard_open(case))
    guard_delivery(case)
    deliver(case, ledger, provisioning)
    _say_ready(case, ledger, provisioning)
    guard_open(case)


def _say_ready(case: Case, ledger: Ledger, provisioning: Provisioning) -> None:
    """At once when all is there; what still cooks is finished afterwards."""
    if not provisioning.busy:
        provisioning.finish(lambda: None)
        ledger.learned(**provisioning.learned)
        ledger.ready(applied=provisioning.applied)
        return
    ledger.ready(applied=None)
    provisioning.finish(lambda: guard_open(case))
    ledger.learned(**provisioning.learned)
    ledger.settled(applied=provisioning.applied)


def _expiry(case: Case) -> datetime:
    expires_at = case.rooms.clock.now() + timedelta(hours=case.settings.ttl_hours or 0)
    case.journey.change(expires_at=expires_at)
    return expires_at


def _give_up(case: Case, ledger: Ledger, provisioning: Provisioning, error: BaseException) -> NoReturn:
    """Write down what went wrong. A cancelled run has seconds: it writes first, and waits with what is left."""
    cancelled = isinstance(error, CancelledError)
    try:
        if not cancelled:
            provisioning.settle()
    except CancelledError:
        case.journey.notice("The run was cancelled while Terraform was being waited for.")
    try:
        ledger.learned(**provisioning.learned)
        ledger.failed(error, busy=provisioning.busy)
    finally:
        case.journey.finish()
        if case.rooms.signals.received:
            provisioning.wait_briefly()
    raise error


def _namespace(case: Case, ledger: Ledger, expires_at: datetime) -> None:
    with case.journey.step("namespace", "Namespace and guardrails") as step:
        identity = case.rooms.cluster.identity()
        require_same_cluster(case.existing, identity)
        created_at = case.existing.created_at if case.existing else case.rooms.clock.now()
        spec = namespace_of(
            case.config,
            case.place,
            owner=case.pull.author,
            pr_url=case.pull.url,
            created_at=created_at,
            expires_at=expires_at,
            ttl_hours=case.settings.ttl_hours or 0,
            tier=str(case.verdict.tier),
        )
        changed = case.rooms.cluster.ensure_namespace(spec)
        ledger.learned(cluster=identity)
        step.detail = case.place.namespace if changed else f"{case.place.namespace}, unchanged"
