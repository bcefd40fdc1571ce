"""Only what was shown is applied: the plan that is handed in is that one, and a further one stays within it."""

from eod.errors import ApplyFailedError, UnapprovedChangeError
from eod.model.plan import Plan
from eod.terraform.binding import beyond, digest_of
from eod.terraform.fingerprints import beyond_approved
from eod.terraform.planning import content_of
from eod.terraform.session import Session


def refuse_another(plan: Plan, session: Session, *, commit: str, variables: dict[str, object]) -> None:
    """Refuse a plan that was made for something else, or whose file is not the one that was shown.

    Raises:
        ApplyFailedError: It is another.
    """
    digest = digest_of(
        environment=session.environment,
        commit=commit,
        variables=variables,
        tags=session.tags,
        changes=plan.changes,
    )
    if digest != plan.digest:
        raise ApplyFailedError(
            "This plan was made for something else.",
            why="It is bound to another environment, commit, or other variables or tags.",
            fix="Re-run the job: it plans again.",
        )
    if plan.content != content_of(session):
        raise ApplyFailedError(
            "The saved plan is not the one that was shown.",
            why="The plan file was replaced or removed after it was made, or is spent.",
            fix="Re-run the job: it plans again.",
            where=plan.path,
        )


def refuse_more(planned: Plan, approved: Plan) -> None:
    """Refuse a further plan that does more than the approved one.

    Raises:
        UnapprovedChangeError: It does; `detail` lists what, a line each.
    """
    more = _more_than(approved, planned)
    if more:
        raise UnapprovedChangeError(
            f"A second plan would do {len(more)} things that were not approved.",
            why="Something changed outside this run meanwhile, or the configuration reads what differs from plan "
            "to plan (`plantimestamp()`, a data source).",
            fix="Look at the difference. If it is wanted, re-run the job: it shows the new plan.",
            detail="\n".join(more),
        )


def _more_than(approved: Plan, planned: Plan) -> tuple[str, ...]:
    """What `planned` does and `approved` does not allow, one line each."""
    stronger = beyond(approved.changes, planned.changes)
    named = {line.rpartition(": ")[0] for line in stronger}
    otherwise = beyond_approved(approved.fingerprints, planned.fingerprints)
    return (
        *stronger,
        *(f"{address}: {', '.join(names)}" for address, names in otherwise.items() if address not in named),
    )
