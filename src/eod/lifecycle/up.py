"""`up`: from a pull request to an environment that answers, in the order of `docs/architecture.md`."""

from datetime import datetime, timedelta
from typing import NoReturn

from msgspec import structs

from eod.config.tiers import resolve_tier
from eod.errors import CancelledError, EodError, SupersededError
from eod.lifecycle.admission import refuse_over_limit, why_not
from eod.lifecycle.deliver import deliver
from eod.lifecycle.down import down
from eod.lifecycle.journey import Journey
from eod.lifecycle.place import Place, namespace_of, place_of
from eod.lifecycle.provision import Provisioning
from eod.lifecycle.rooms import DownRequest, Rooms, UpRequest
from eod.lifecycle.writing import Ledger
from eod.model.outcome import Outcome
from eod.model.pull import PullRequest
from eod.model.record import Phase, Record
from eod.model.tier import Tier, Verdict
from eod.tiers import classify


class _ClosedMeanwhile(Exception):  # noqa: N818  # not an error: the run turns into a teardown
    pass


def up(rooms: Rooms, request: UpRequest) -> Outcome:
    """Give a pull request the environment that its change needs, or bring the one it has up to date.

    Raises:
        EodError: With the cause; the record is then in phase `failed` and the next run goes on from there.
    """
    pull = rooms.forge.pull_request(request.pr_number)
    place = place_of(rooms.config, rooms.repository, pull.number)
    if not pull.open:
        return down(rooms, DownRequest(pr_number=pull.number))
    journey = _begin(rooms, place, pull)
    existing = rooms.records.get(place.environment)
    reason = why_not(rooms.config, rooms.repository, pull)
    if reason and existing is not None and not request.plan_only:
        return down(rooms, DownRequest(pr_number=pull.number, reason=reason))
    with journey.step("classify", "Choose the tier") as step:
        verdict = _verdict(rooms, pull, request)
        step.detail = f"{verdict.tier}" + (f", forced by {verdict.forced_by}" if verdict.forced_by else "")
    journey.change(verdict=verdict)
    if reason or verdict.tier is Tier.NONE:
        journey.notice(reason or _nothing_to_do(existing))
        return journey.finish()
    if request.plan_only:
        return _plan_only(rooms, request, journey, place, pull, verdict, existing)
    if existing is not None and existing.phase is Phase.DESTROYING:
        journey.notice("A teardown of this environment had begun: it is finished first.")
        down(rooms, DownRequest(pr_number=pull.number, reason="the teardown that had begun is finished first"))
        existing = None
    try:
        return _provide(rooms, request, journey, place, pull, verdict, existing)
    except _ClosedMeanwhile:
        rooms.reporter.say("The pull request was closed while this run worked: tearing down.")
        return down(rooms, DownRequest(pr_number=pull.number, reason="it was closed while being provisioned"))


def _provide(
    rooms: Rooms,
    request: UpRequest,
    journey: Journey,
    place: Place,
    pull: PullRequest,
    verdict: Verdict,
    existing: Record | None,
) -> Outcome:
    settings = resolve_tier(rooms.config, verdict.tier)
    expires_at = rooms.clock.now() + timedelta(hours=settings.ttl_hours)
    journey.change(cost_per_day=settings.cost_per_day, expires_at=expires_at, updating=existing is not None)
    if existing is None:
        refuse_over_limit(rooms.config, rooms.records)
    ledger = Ledger(rooms, journey, place)
    provisioning = Provisioning(rooms, journey, place, pull, verdict, request.image_tag, existing)
    try:
        provisioning.start_plan()
        ledger.request(pull, verdict, expires_at)
        ledger.announce(pull)
        _guard(rooms, pull)
        _namespace(rooms, journey, place, pull, verdict, expires_at)
        plan = provisioning.plan()
        if plan is not None:
            ledger.planned(plan, provisioning.terraform_record())
            _guard(rooms, pull)
        ledger.move(Phase.PROVISIONING, "provisioning")
        provisioning.start_apply()
        provisioning.wait_for_gates()
        _guard(rooms, pull)
        deliver(rooms, journey, ledger, place, pull, provisioning)
        ledger.ready(pull)
        provisioning.finish()
        if _still(rooms, pull):
            ledger.settled(provisioning.applied)
    except _ClosedMeanwhile:
        provisioning.stop()
        ledger.failed(SupersededError("The pull request was closed."))
        raise
    except SupersededError as error:
        provisioning.stop()
        journey.notice(error.what)
        return journey.finish()
    except (EodError, KeyboardInterrupt, Exception) as error:
        _give_up(journey, ledger, provisioning, error)
    return journey.finish()


def _give_up(journey: Journey, ledger: Ledger, provisioning: Provisioning, error: BaseException) -> NoReturn:
    if isinstance(error, CancelledError):
        provisioning.wait_briefly()
    else:
        provisioning.settle()
    ledger.failed(error)
    journey.finish()
    raise error


def _begin(rooms: Rooms, place: Place, pull: PullRequest) -> Journey:
    outcome = Outcome(
        command="up",
        environment=place.environment,
        repository=rooms.repository,
        pull=pull,
        pr_number=pull.number,
        owner=pull.author,
        namespace=place.namespace,
        hostname=place.hostname,
        url=place.url,
        started_at=rooms.clock.now(),
        run_url=rooms.run.url,
        head_sha=pull.head_sha,
    )
    return Journey(outcome, clock=rooms.clock, reporter=rooms.reporter)


def _verdict(rooms: Rooms, pull: PullRequest, request: UpRequest) -> Verdict:
    changes = rooms.source.changes(pull.base_sha, pull.head_sha)
    forced = str(request.forced_tier) if request.forced_tier else None
    return classify(changes, rooms.config, labels=pull.labels, forced=forced)


def _nothing_to_do(existing: Record | None) -> str:
    if existing is None:
        return "Nothing that runs has changed, so there is no environment to make."
    return "Nothing that runs has changed; the existing environment is left alone."


def _namespace(
    rooms: Rooms, journey: Journey, place: Place, pull: PullRequest, verdict: Verdict, expires_at: datetime
) -> None:
    settings = resolve_tier(rooms.config, verdict.tier)
    with journey.step("namespace", "Namespace and guardrails") as step:
        changed = rooms.cluster.ensure_namespace(
            namespace_of(
                rooms.config,
                place,
                owner=pull.author,
                pr_url=pull.url,
                created_at=pull.created_at or rooms.clock.now(),
                expires_at=expires_at,
                ttl_hours=settings.ttl_hours,
                tier=str(verdict.tier),
            )
        )
        step.detail = place.namespace if changed else f"{place.namespace}, unchanged"


def _plan_only(
    rooms: Rooms,
    request: UpRequest,
    journey: Journey,
    place: Place,
    pull: PullRequest,
    verdict: Verdict,
    existing: Record | None,
) -> Outcome:
    settings = resolve_tier(rooms.config, verdict.tier)
    journey.change(cost_per_day=settings.cost_per_day, updating=existing is not None)
    provisioning = Provisioning(rooms, journey, place, pull, verdict, request.image_tag, existing)
    provisioning.start_plan()
    if provisioning.plan() is None:
        journey.notice(f"Tier {verdict.tier} needs no Terraform: there is nothing to plan.")
    return journey.finish()


def _guard(rooms: Rooms, pull: PullRequest) -> None:
    """Before each change: is the pull request still open, and is this still its head?"""
    fresh = rooms.forge.pull_request(pull.number)
    if not fresh.open:
        raise _ClosedMeanwhile
    if fresh.head_sha != pull.head_sha:
        raise SupersededError(
            f"Stopped: {fresh.head_sha[:7]} was pushed while {pull.head_sha[:7]} was being provisioned.",
            why="Every push starts a run of its own.",
            fix="Nothing to do: the newer commit's run goes on from here.",
        )


def _still(rooms: Rooms, pull: PullRequest) -> bool:
    """After the last change: a pull request that was closed meanwhile must not keep its environment."""
    fresh = rooms.forge.pull_request(pull.number)
    if not fresh.open:
        raise _ClosedMeanwhile
    return True
