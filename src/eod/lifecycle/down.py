"""`down`: everything of an environment goes, and a certificate says so. Each step can be run again."""

from eod.config.placeholders import fill
from eod.errors import EodError, LeftoversError
from eod.lifecycle.background import Background
from eod.lifecycle.proof import Proof
from eod.lifecycle.journey import Journey
from eod.lifecycle.place import Place, backend_of, place_of, tags_of, values_of_record
from eod.lifecycle.rooms import DownRequest, Rooms
from eod.model.cloud import Certificate, Item
from eod.model.outcome import Outcome
from eod.model.record import Phase, Record, TerraformRecord
from eod.model.tier import Tier
from eod.records.machine import move


def down(rooms: Rooms, request: DownRequest) -> Outcome:
    """Tear one environment down, in the order of `docs/architecture.md`.

    Raises:
        LeftoversError: After all steps something is still there.
        EodError: A step failed; the record is in phase `failed` and the next run goes on.
    """
    place = place_of(rooms.config, rooms.repository, request.pr_number)
    record = rooms.records.get(place.environment)
    journey = _begin(rooms, place, record)
    if record is None:
        record = _unrecorded(rooms, place)
    if record is None:
        _retire_deployments(rooms, journey, place)
        journey.notice(f"{place.environment} does not exist (any more): nothing to do.")
        journey.change(phase=Phase.DESTROYED)
        return journey.finish()
    if request.dry_run:
        for item in Proof(rooms, place).look():
            journey.notice(f"Would remove {item.kind} {item.id}")
        return journey.finish()
    try:
        return _tear_down(rooms, request, journey, place, record)
    except (EodError, Exception) as error:
        _record_failure(rooms, journey, place, error)
        journey.finish()
        raise


def _tear_down(rooms: Rooms, request: DownRequest, journey: Journey, place: Place, record: Record) -> Outcome:
    _mark(rooms, journey, place, record, request.reason)
    journey.change(show=True)
    proof = Proof(rooms, place)
    with journey.step("inventory", "Take stock") as step:
        found = proof.look()
        step.detail = f"{len(found)} found"
    disabling = _disable_cdn(rooms, found)
    _delete_application(rooms, journey, record, proof)
    _drain(rooms, journey, place, proof)
    if disabling is not None:
        disabling.result()
    _destroy(rooms, journey, place, record, proof)
    _retire_cdn(rooms, journey, place, proof)
    _delete_namespace(rooms, journey, place, proof)
    certificate = _certify(rooms, journey, place, record, proof)
    _close_record(rooms, journey, place, certificate, request.reason)
    _retire_deployments(rooms, journey, place)
    return journey.finish()


def _begin(rooms: Rooms, place: Place, record: Record | None) -> Journey:
    outcome = Outcome(
        command="down",
        environment=place.environment,
        repository=rooms.repository,
        pr_number=place.pr_number,
        owner="" if record is None else record.owner,
        phase=None if record is None else record.phase,
        namespace=place.namespace,
        hostname=place.hostname,
        url=place.url,
        cost_per_day=None if record is None else record.cost_per_day,
        started_at=rooms.clock.now(),
        run_url=rooms.run.url,
        head_sha="" if record is None else record.head_sha,
        comment_id=None if record is None else record.comment_id,
        tier=None if record is None else record.tier,
    )
    return Journey(outcome, clock=rooms.clock, reporter=rooms.reporter)


def _unrecorded(rooms: Rooms, place: Place) -> Record | None:
    """A record for an environment that has none and of which something is left all the same."""
    found = Proof(rooms, place).look()
    if not found:
        return None
    now = rooms.clock.now()
    return Record(
        environment=place.environment,
        repository=place.repository,
        pr_number=place.pr_number,
        pr_url="",
        owner="unknown",
        phase=Phase.FAILED,
        tier=Tier.FULL,
        head_sha="",
        namespace=place.namespace,
        hostname=place.hostname,
        url=place.url,
        created_at=now,
        updated_at=now,
        terraform=_presumed_terraform(rooms, place, found),
    )


def _presumed_terraform(rooms: Rooms, place: Place, found: tuple[Item, ...]) -> TerraformRecord | None:
    """How to reach the state of an environment whose record is lost: by its key, with the base branch's module."""
    settings = rooms.config.terraform
    cloud = [item for item in found if item.kind not in {"namespace", "application"}]
    if settings is None or not cloud:
        return None
    blank = Record(
        environment=place.environment,
        repository=place.repository,
        pr_number=place.pr_number,
        pr_url="",
        owner="unknown",
        phase=Phase.FAILED,
        tier=Tier.FULL,
        head_sha="",
        namespace=place.namespace,
        hostname=place.hostname,
        url=place.url,
        created_at=rooms.clock.now(),
        updated_at=rooms.clock.now(),
    )
    values = values_of_record(rooms.config, blank)
    return TerraformRecord(
        commit=rooms.base_commit,
        directory=fill(settings.directory, values),
        backend=backend_of(rooms.config, values),
        variables={"pr_number": place.pr_number, "namespace": place.namespace, "domain": rooms.config.domain},
        tags=tags_of(rooms.config, place, owner="unknown", values=values),
    )


def _mark(rooms: Rooms, journey: Journey, place: Place, record: Record, reason: str) -> None:
    now = rooms.clock.now()

    def decide(newest: Record | None) -> Record:
        return move(newest or record, Phase.DESTROYING, now, run=rooms.run)

    with rooms.signals.shielded():
        rooms.records.update(place.environment, decide, f"{place.environment}: destroying: {reason}")
    journey.change(phase=Phase.DESTROYING)


def _disable_cdn(rooms: Rooms, found: tuple[Item, ...]) -> Background[None] | None:
    cdn = rooms.cdn
    if cdn is None or not any(item.kind == "cloudfront distribution" for item in found):
        return None
    return Background(lambda: cdn.disable(found), "cdn-disable")


def _delete_application(rooms: Rooms, journey: Journey, record: Record, proof: Proof) -> None:
    if rooms.delivery is None:
        return
    name = record.application.name if record.application else proof.application_name
    generated = record.application is not None and record.application.mode == "applicationset"
    with journey.step("application", "Delete the application") as step:
        timeout = rooms.config.limits.teardown_minutes * 60
        existed = rooms.delivery.delete(name, timeout, generated=generated)
        if not existed:
            step.skip("there was none")
        proof.removed("application", name, existed=existed)


def _drain(rooms: Rooms, journey: Journey, place: Place, proof: Proof) -> None:
    with journey.step("drain", "Drain load balancers") as step:
        drained = rooms.cluster.drain_load_balancers(place.namespace, rooms.config.limits.teardown_minutes * 60)
        proof.add_removed(drained)
        if not drained:
            step.skip("none left")


def _destroy(rooms: Rooms, journey: Journey, place: Place, record: Record, proof: Proof) -> None:
    recorded = record.terraform
    if rooms.terraform is None or recorded is None:
        return
    with journey.step("destroy", "Terraform destroy") as step:
        checkout = rooms.source.checkout(recorded.commit)
        workspace = rooms.terraform.workspace(
            environment=place.environment,
            root=checkout / recorded.directory,
            commit=recorded.commit,
            backend=recorded.backend,
            variables=recorded.variables,
            tags=recorded.tags,
        )
        result = workspace.destroy(journey.progress)
        for retry in result.retried:
            journey.notice(f"Retried: {retry}")
        step.detail = f"{result.destroyed} destroyed"
        proof.recheck_cloud()


def _retire_cdn(rooms: Rooms, journey: Journey, place: Place, proof: Proof) -> None:
    cdn = rooms.cdn
    if cdn is None:
        return
    with journey.step("cdn", "CDN clean-up") as step:
        timeout = rooms.config.limits.teardown_minutes * 60
        removals = cdn.retire(place.environment, proof.cloud, timeout)
        proof.add_removals(removals)
        if not removals:
            step.skip("nothing left to clean")


def _delete_namespace(rooms: Rooms, journey: Journey, place: Place, proof: Proof) -> None:
    with journey.step("namespace", "Delete the namespace") as step:
        removal = rooms.cluster.delete_namespace(place.namespace, rooms.config.limits.teardown_minutes * 60)
        proof.add_removed(removal.removed)
        proof.removed("namespace", place.namespace, existed=removal.existed)
        if not removal.existed:
            step.skip("there was none")


def _certify(rooms: Rooms, journey: Journey, place: Place, record: Record, proof: Proof) -> Certificate:
    with journey.step("certificate", "Prove that nothing is left") as step:
        certificate = proof.certificate(record, journey.outcome.started_at)
        journey.change(certificate=certificate)
        if not certificate.complete:
            listing = [f"{item.kind} {item.id}" for item in certificate.remaining]
            listing += [f"{check.name}: {check.detail}" for check in certificate.checks if not check.ok]
            raise LeftoversError(
                f"{len(certificate.remaining)} left of {place.environment} after its teardown.",
                why="Something was made outside Terraform and Argo CD, or a deletion has not finished.",
                fix="Re-run the job: a teardown goes on where it ended. What stays needs a person.",
                detail="\n".join(listing),
            )
        step.detail = f"{len(certificate.removed)} removed, nothing left"
    return certificate


def _close_record(rooms: Rooms, journey: Journey, place: Place, certificate: Certificate, reason: str) -> None:
    message = "\n".join(
        [
            f"{place.environment}: destroyed: {reason}",
            "",
            *(f"existed: {item.kind} {item.id}" for item in certificate.existed),
            *(f"removed: {r.at:%Y-%m-%dT%H:%M:%SZ} {r.item.kind} {r.item.id}" for r in certificate.removed),
            *(f"checked: {check.name}: {check.detail}" for check in certificate.checks),
            "remaining: nothing",
        ]
    )
    with rooms.signals.shielded():
        rooms.records.update(place.environment, lambda _record: None, message)
    journey.change(phase=Phase.DESTROYED)


def _retire_deployments(rooms: Rooms, journey: Journey, place: Place) -> None:
    if not rooms.config.github.deployments:
        return
    try:
        rooms.forge.retire_deployments(rooms.github_environment(place.environment))
    except EodError as error:
        journey.notice(f"The Deployments could not be marked inactive: {error.what}")


def _record_failure(rooms: Rooms, journey: Journey, place: Place, error: BaseException) -> None:
    failure = journey.failure(error)
    journey.change(failure=failure, phase=Phase.FAILED)
    now = rooms.clock.now()

    def decide(record: Record | None) -> Record | None:
        return None if record is None else move(record, Phase.FAILED, now, failure=failure, run=rooms.run)

    message = f"{place.environment}: teardown failed in {failure.step}: {failure.what.splitlines()[0]}"
    try:
        with rooms.signals.shielded():
            rooms.records.update(place.environment, decide, message)
    except EodError as second:
        journey.notice(f"The failure could not be recorded: {second.what}")
