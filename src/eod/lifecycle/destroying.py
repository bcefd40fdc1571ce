"""What Terraform made goes: by its state, and by its tags where no state knows it."""

from typing import Final

from msgspec import structs

from eod.errors import CancelledError, EodError, StateDamagedError, TerraformError
from eod.lifecycle.clearing import clearing_for
from eod.lifecycle.place import Place
from eod.lifecycle.ports import Workspace
from eod.lifecycle.removing import is_claimed, removable_of, remove
from eod.lifecycle.teardown import Teardown
from eod.lifecycle.unended import judge_of
from eod.model.cloud import Certificate, Check, Item

CANNOT_BE_MADE: Final = "Until it is moved or removed, this environment cannot be made again."
DIGEST_REMOVED: Final = "The state was gone, and its digest was removed from the lock table"


def destroy(work: Teardown) -> Workspace | None:
    """Destroy with Terraform, from the recorded commit and variables, never from what the pull request says now.

    A damaged state is no obstacle where things can be removed by their tags: then its workspace is returned, so
    that it can be moved aside once all is gone.

    Raises:
        TerraformError: It failed, or the configuration has no Terraform any more.
    """
    terraform, recorded = work.rooms.terraform, work.record.terraform
    if recorded is None:
        return None
    if terraform is None:
        raise _no_terraform(work.place)
    with work.journey.step("destroy", "Terraform destroy") as step:
        workspace = terraform.workspace(
            environment=work.place.environment,
            root=work.rooms.source.checkout(recorded.commit) / recorded.directory,
            commit=recorded.commit,
            backend=recorded.backend,
            variables=recorded.variables,
            tags=recorded.tags,
            directory=recorded.directory,
            ended=judge_of(work.rooms, work.judged),
            clear=clearing_for(work.rooms, work.place, teardown=True),
        )
        try:
            result = workspace.destroy(work.journey.progress)
        except StateDamagedError as error:
            if work.rooms.remover is None:
                raise
            step.skip("the state is damaged")
            _without_state(work, error)
            return workspace
        finally:
            work.proof.repaired(workspace.repairs)
            for repair in workspace.repairs:
                work.journey.notice(f"Repaired: {repair}")
        work.journey.retried(result.retries)
        step.detail = f"{result.destroyed} destroyed"
        work.proof.destroyed(result.destroyed)
        work.proof.recheck_cloud()
    return None


def _without_state(work: Teardown, error: StateDamagedError) -> None:
    """What the state held is found by its tags; where it lies is told even if this run is killed now."""
    work.proof.state_damaged()
    recorded = work.record.terraform
    at = recorded.backend.get("key", "") if recorded else ""
    work.journey.notice(f"{error.what} This environment ({at}) is emptied by its tags instead.")
    work.proof.recheck_cloud()


def set_damaged_aside(work: Teardown, workspace: Workspace, certificate: Certificate) -> Certificate:
    """Move the damaged state of an environment that is proved empty, so that it can be made again.

    The certificate says where it lies. Where it has to stay the environment is gone all the same; people are told
    what to do before it is made again.
    """
    with work.journey.step("damaged-state", "Move the damaged state aside") as step:
        try:
            moved = workspace.set_aside(work.rooms.clock.now(), work.rooms.move_state)
        except CancelledError:
            raise
        except EodError as error:
            step.skip("it stays where it is")
            told = " ".join(part for part in (error.what, error.fix, CANNOT_BE_MADE) if part)
        else:
            what = f"The damaged state was moved to {moved}" if moved else DIGEST_REMOVED
            told = f"{what}: this environment can be made again."
    checks = [Check(name="damaged state", ok=True, detail=told)]
    for repair in workspace.repairs:
        if repair not in work.proof.repairs:
            work.journey.notice(f"Repaired: {repair}")
            checks.append(Check(name="repaired", ok=True, detail=repair))
    work.journey.notice(told)
    return structs.replace(certificate, checks=(*certificate.checks, *checks))


def remove_by_tag(work: Teardown) -> None:
    """Remove what a killed run made and no state knows, or what a damaged one held.

    What cannot be removed keeps nothing else from going; the certificate says that it is left, and why.
    """
    free = tuple(item for item in work.proof.cloud if not is_claimed(item))
    _remove(work, free, "by-tag", "Remove what is in no state")


def remove_claimed(work: Teardown) -> None:
    """Remove what pods held until their namespace was gone, where the controller that made it did not."""
    if not any(map(is_claimed, work.proof.cloud)):
        return
    work.proof.recheck_cloud()
    _remove(work, tuple(filter(is_claimed, work.proof.cloud)), "claims", "Remove what pods had claimed")


def _remove(work: Teardown, items: tuple[Item, ...], name: str, title: str) -> None:
    found = removable_of(work.rooms, items)
    if not found:
        return
    with work.journey.step(name, title) as step:
        removed = remove(work.rooms, found, work.timeout)
        work.proof.removed_by_tag(removed)
        step.detail = f"{len(removed.removals)} of {len(found)} removed"
        for left in removed.left:
            work.journey.notice(f"{left.item.kind} {left.item.id} could not be removed: {left.why}")


def _no_terraform(place: Place) -> TerraformError:
    return TerraformError(
        f"{place.environment} was made with Terraform, and the configuration has none any more.",
        why="`terraform:` was removed from eod.yml after this environment was made: nothing can be destroyed.",
        fix="Put `terraform:` back until all environments that were made with it are gone; then re-run the job.",
    )
