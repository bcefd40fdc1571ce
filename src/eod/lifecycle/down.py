"""`down`: everything of an environment goes, and a certificate says so. Each step can be run again."""

from eod.config.names import environment_name
from eod.errors import EodError, LeftoversError, RecordError
from eod.lifecycle.background import Background
from eod.lifecycle.blank import blank_outcome
from eod.lifecycle.destroying import destroy, remove_by_tag, remove_claimed, set_damaged_aside
from eod.lifecycle.down_record import record_begin, record_end, record_failure, require_still_ours
from eod.lifecycle.journey import Journey
from eod.lifecycle.made import require_same_cluster
from eod.lifecycle.place import Place, place_of, place_recorded
from eod.lifecycle.proof import Proof
from eod.lifecycle.rooms import DownRequest, Rooms
from eod.lifecycle.teardown import Teardown
from eod.lifecycle.turn import Hold, MovedMeanwhile, await_turn, held, look, moved
from eod.lifecycle.unrecorded import reconstruct
from eod.model.cloud import Certificate, Item
from eod.model.outcome import Outcome
from eod.model.record import Phase, Record


def down(rooms: Rooms, request: DownRequest) -> Outcome:
    """Tear one environment down, in the order of `docs/architecture.md`.

    Raises:
        HeldError: Another run is at work on it, and the request is not patient or that run takes too long.
        LeftoversError: After all steps something is still there.
        EodError: A step failed; the record is in phase `failed` and the next run goes on.
    """
    while True:
        judged = _in_turn(rooms, request, _recorded(rooms, request))
        try:
            return _down(rooms, request, judged)
        except MovedMeanwhile:
            if not request.patient and judged is not None:
                raise moved(judged) from None
            rooms.reporter.say("Another run moved the record meanwhile: looking again.")


def _in_turn(rooms: Rooms, request: DownRequest, record: Record | None) -> Record | None:
    """The record, once no other run is at work on the environment."""
    if request.dry_run:
        return record
    if not request.patient:
        if record is not None and look(rooms, record) in {Hold.ALIVE, Hold.UNKNOWN}:
            raise held(record)
        return record
    return await_turn(rooms, record, read=lambda: _recorded(rooms, request), tell=rooms.reporter.say)


def _down(rooms: Rooms, request: DownRequest, judged: Record | None) -> Outcome:
    record = judged
    place = place_recorded(record) if record else place_of(rooms.config, rooms.repository, request.pr_number)
    if record is not None:
        rooms = rooms.where_made(record)
    journey = _begin(rooms, place, record)
    proof = Proof(rooms, place, record)
    if record is None:
        record = reconstruct(rooms, place, proof.look())
    if record is None:
        journey.notice(f"{place.environment} does not exist (any more): nothing to do.")
        journey.change(phase=Phase.DESTROYED)
        _retire_deployments(rooms, journey, place)
        return journey.finish()
    if request.dry_run:
        for item in proof.look():
            journey.notice(f"Would remove {item.kind} {item.id}")
        return journey.finish()
    work = Teardown(
        rooms=rooms,
        journey=journey,
        place=place,
        judged=judged,
        record=record,
        reason=request.reason,
        afterwards=request.afterwards,
        proof=proof,
    )
    try:
        return _tear_down(work)
    except MovedMeanwhile:
        raise
    except (EodError, Exception) as error:
        try:
            record_failure(work, error)
        finally:
            journey.finish()
        raise


def _recorded(rooms: Rooms, request: DownRequest) -> Record | None:
    """The environment's record; under another name if `name` was another one when the environment was made."""
    own = environment_name(rooms.config, request.pr_number)
    record = rooms.records.get(request.environment or own)
    if record is not None or request.environment:
        return record
    try:
        every = rooms.records.all()
    except RecordError as error:
        rooms.reporter.say(f"Whether {own} was made under another name cannot be told: {error.what}")
        return None
    ours = (r for r in every if r.repository == rooms.repository and r.pr_number == request.pr_number)
    return next(ours, None)


def _begin(rooms: Rooms, place: Place, record: Record | None) -> Journey:
    journey = Journey(blank_outcome(rooms, place, "down"), clock=rooms.clock, reporter=rooms.reporter)
    if record is not None:
        journey.change(
            owner=record.owner,
            phase=record.phase,
            tier=record.tier,
            cost_per_day=record.cost_per_day,
            head_sha=record.head_sha,
            comment_id=record.comment_id,
        )
    return journey


def _tear_down(work: Teardown) -> Outcome:
    record_begin(work)
    require_same_cluster(work.record, work.rooms.cluster.identity())
    with work.journey.step("inventory", "Take stock") as step:
        found = work.proof.look()
        step.detail = f"{len(found)} found"
    disabling = _disable_cdn(work, found)
    _delete_application(work)
    _drain(work)
    if disabling is not None:
        disabling.result()
    require_still_ours(work)
    damaged = destroy(work)
    _retire_cdn(work)
    remove_by_tag(work)
    require_still_ours(work)
    _delete_namespace(work)
    remove_claimed(work)
    certificate = _certify(work)
    if damaged is not None:
        require_still_ours(work)
        certificate = set_damaged_aside(work, damaged, certificate)
        work.journey.change(certificate=certificate)
    record_end(work, certificate)
    work.journey.notice(work.afterwards)
    _retire_deployments(work.rooms, work.journey, work.place)
    return work.journey.finish()


def _disable_cdn(work: Teardown, found: tuple[Item, ...]) -> Background[None] | None:
    """A distribution can be deleted minutes after it was disabled: begin that clock at once."""
    cdn = work.rooms.cdn
    if cdn is None or not any(item.kind == "cloudfront distribution" for item in found):
        return None
    return Background(lambda: cdn.disable(found), "cdn-disable")


def _delete_application(work: Teardown) -> None:
    """First of all, or its self-heal would bring back what the next step drains."""
    delivery, recorded = work.rooms.delivery, work.record.application
    if delivery is None:
        return
    name = work.proof.application_name
    with work.journey.step("application", "Delete the application") as step:
        generated = recorded is not None and recorded.mode == "applicationset"
        existed = delivery.delete(name, work.timeout, generated=generated)
        if not existed:
            step.skip("there was none")
        work.proof.removed("application", name, existed=existed)


def _drain(work: Teardown) -> None:
    """What the load-balancer controller made must go while the controller and the network still stand."""
    with work.journey.step("drain", "Drain load balancers") as step:
        drained = work.rooms.cluster.drain_load_balancers(work.place.namespace, work.timeout)
        work.proof.add_removed(drained)
        if not drained:
            step.skip("none left")


def _retire_cdn(work: Teardown) -> None:
    cdn = work.rooms.cdn
    if cdn is None:
        return
    with work.journey.step("cdn", "CDN clean-up") as step:
        removals = cdn.retire(work.place.environment, work.proof.cloud, work.timeout)
        work.proof.add_removals(removals)
        if not removals:
            step.skip("nothing left to clean")


def _delete_namespace(work: Teardown) -> None:
    with work.journey.step("namespace", "Delete the namespace") as step:
        removal = work.rooms.cluster.delete_namespace(work.place.namespace, work.timeout)
        work.proof.add_removed(removal.removed)
        work.proof.removed("namespace", work.place.namespace, existed=removal.existed)
        if not removal.existed:
            step.skip("there was none")


def _certify(work: Teardown) -> Certificate:
    with work.journey.step("certificate", "Prove that nothing is left") as step:
        certificate = work.proof.certificate(work.record, work.journey.outcome.started_at)
        work.journey.change(certificate=certificate)
        if not certificate.complete:
            raise _leftovers(certificate, work.proof)
        step.detail = f"{len(certificate.removed)} removed, nothing left"
    return certificate


def _leftovers(certificate: Certificate, proof: Proof) -> LeftoversError:
    remaining = ((f"{item.kind} {item.id}", proof.why_left(item)) for item in certificate.remaining)
    listing = [f"{what}: {why}" if why else what for what, why in remaining]
    listing += [f"{check.name}: {check.detail}" for check in certificate.checks if not check.ok]
    return LeftoversError(
        f"{certificate.environment} is not proved gone: {len(certificate.remaining)} left after its teardown.",
        why="Something was made outside Terraform and Argo CD, or a deletion has not finished.",
        fix="Re-run the job: a teardown goes on where it ended. What stays needs a person.",
        detail="\n".join(listing),
    )


def _retire_deployments(rooms: Rooms, journey: Journey, place: Place) -> None:
    if not rooms.config.github.deployments:
        return
    try:
        rooms.forge.retire_deployments(rooms.github_environment(place.environment))
    except EodError as error:
        journey.notice(f"The Deployments could not be marked inactive: {error.what}")
