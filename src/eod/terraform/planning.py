"""`terraform plan` into a private file, and what is in it."""

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from eod.errors import PlanFailedError, TerraformError
from eod.model.outputs import Outputs
from eod.model.plan import Plan
from eod.terraform.adoption import creations_of
from eod.terraform.beside import beside, hidden_edges
from eod.terraform.binding import digest_of
from eod.terraform.exposures import exposures_of
from eod.terraform.fingerprints import fingerprints_of
from eod.terraform.gates import gates_of, held_up, unmatched
from eod.terraform.graph import graph_of
from eod.terraform.learning import learn_from_plan, learn_from_state
from eod.terraform.outputs import outputs_of
from eod.terraform.ownership import refuse_others
from eod.terraform.plan_json import PlanDocument, decode_plan
from eod.terraform.references import edges_of
from eod.terraform.retry import Attempt
from eod.terraform.session import Session
from eod.terraform.summary import changes_of, summary_of

NO_CHANGES: Final = 0
CHANGES: Final = 2
SPARE_BYTES: Final = 1 << 20
"""With less free than this a disk counts as full."""
CUT: Final = "\n… (the rest is cut)"


def make_plan(session: Session, attempt: Attempt, *, commit: str, variables: dict[str, object]) -> Plan:
    """Plan once, to a file that only this user can read.

    Raises:
        AttemptFailedError: It failed.
        TerraformUsageError: It would change what is another environment's.
        CancelledError: The run was cancelled.
    """
    arguments = [
        "plan",
        "-json",
        "-input=false",
        "-detailed-exitcode",
        f"-out={session.place.plan}",
        "-lock=false" if session.fresh else f"-lock-timeout={session.settings.lock_timeout_seconds}s",
        f"-parallelism={attempt.parallelism}",
        f"-var-file={session.place.variables}",
    ]
    session.place.plan.unlink(missing_ok=True)
    with ThreadPoolExecutor(max_workers=1) as beside:
        hidden = beside.submit(hidden_edges, session)
        account, ended = session.stream("plan", arguments, seconds=attempt.remaining_seconds)
        if ended.returncode not in {NO_CHANGES, CHANGES}:
            if account.errors and not session.fresh:
                learn_from_state(session)
            raise session.failed(PlanFailedError, "Terraform could not make a plan.", account, ended, "plan")
        session.place.plan.chmod(0o600)
        document, text = _show(session)
    learn_from_plan(session, document, variables)
    _refuse(session, document)
    changes = changes_of(document)
    edges = [*edges_of(document.configuration), *hidden.result()]
    gates = gates_of(document, edges, session.settings.gates)
    summary = summary_of(document, held_up(document, edges, gates))
    for pattern in unmatched(document, session.settings.gates):
        session.say(f"`terraform.gates`: {pattern} matches no resource of this module: is it misspelled?")
    return Plan(
        path=str(session.place.plan),
        digest=digest_of(
            environment=session.environment,
            commit=commit,
            variables=variables,
            tags=session.tags,
            changes=changes,
        ),
        terraform_version=session.engine.version,
        changes=changes,
        summary=summary,
        gates=gates,
        graph=graph_of(document, edges, gates),
        text=text,
        content=content_of(session),
        creations=creations_of(document),
        exposures=exposures_of(document),
        fingerprints=fingerprints_of(document, session.key),
        outputs=outputs_of(document.prior_state.values.outputs) if summary.empty else Outputs(),
    )


def _refuse(session: Session, document: PlanDocument) -> None:
    """A plan that may not be applied does not stay."""
    try:
        refuse_others(document, session.tags, session.environment)
    except TerraformError:
        session.place.plan.unlink(missing_ok=True)
        raise


def content_of(session: Session) -> str:
    """SHA-256 (hex) of the plan file; empty when there is none.

    Raises:
        TerraformError: It cannot be read.
    """
    try:
        with session.place.plan.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise TerraformError(
            f"The saved plan cannot be read: {error.strerror}.",
            fix="Check the runner's disk, then re-run the job.",
            where=str(session.place.plan),
        ) from None


def _show(session: Session) -> tuple[PlanDocument, str]:
    """Both forms at once: each loads every provider's schema, which takes seconds.

    A text that nobody wants is not made.
    """
    if not session.settings.text_limit:
        return _document(session), ""
    with ThreadPoolExecutor(max_workers=1) as pool:
        text = pool.submit(_text, beside(session, "text"), str(session.place.plan))
        return _document(session), text.result()


def _document(session: Session) -> PlanDocument:
    printed, ended = session.capture("show", ["show", "-json", str(session.place.plan)])
    if ended.returncode != 0:
        raise TerraformError(
            "The plan that was just made cannot be read.",
            why="The plan file is incomplete: the disk may be full.",
            fix="Free space on the runner, then re-run the job.",
            detail=ended.complaints,
        )
    try:
        return decode_plan(printed)
    except TerraformError as error:
        raise (_full_disk(session) or error) from None


def _full_disk(session: Session) -> TerraformError | None:
    """The likelier reason of half a document: Terraform does not mind when what it prints cannot be written."""
    if shutil.disk_usage(session.place.directory).free >= SPARE_BYTES:
        return None
    return TerraformError(
        "The disk is full: what Terraform shows of its plan was cut off.",
        why="Its working directory lies on the runner's temporary directory, where nothing is free any more.",
        fix="Free space before this step, or use a larger runner. Providers take up to 700 MB each.",
        where=str(session.place.directory),
    )


def _text(session: Session, plan: str) -> str:
    printed, ended = session.capture("show", ["show", "-no-color", plan])
    text = printed.decode(errors="replace").strip() if ended.returncode == 0 else ""
    limit = session.settings.text_limit
    # Between lines: of a secret that is cut in two nobody would know the first half.
    return text if len(text) <= limit else text[: limit + 1].rpartition("\n")[0] + CUT
