"""Learns what must be hidden: from a plan before it is shown, from the state before a failure is told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from eod.errors import TerraformError
from eod.model.plan import ResourceProgress
from eod.terraform.beside import beside
from eod.terraform.plan_json import PlanDocument
from eod.terraform.sensitive import sensitive_in_plan, sensitive_in_state
from eod.terraform.session import OnProgress, Session

STATE_SECONDS: Final = 60.0
"""A backend that does not answer now will not have answered Terraform either."""


class Withheld:
    """Progress, of which what quotes a provider is kept back until it is known what must be hidden in it.

    Terraform tells its diagnostics last, when nothing is in flight any more: nobody hears of them later for this.
    """

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._kept: list[ResourceProgress] = []

    def __call__(self, progress: ResourceProgress) -> None:
        """Take what Terraform says of one resource."""
        if progress.message:
            self._kept.append(progress)
        else:
            self._on_progress(progress)

    def tell(self) -> None:
        """Hand on what was kept back."""
        for progress in self._kept:
            self._on_progress(progress)
        self._kept.clear()


def learn_from_plan(session: Session, plan: PlanDocument, variables: Mapping[str, object]) -> None:
    """Have hidden what the plan marks as sensitive, but what the run says of itself everywhere.

    Args:
        session: The environment.
        plan: Its plan, not shown to anybody yet.
        variables: Those that the module is given: they are in the record.
    """
    declared = plan.configuration.root_module.variables
    given = (value for name, value in variables.items() if name not in declared or not declared[name].sensitive)
    plain = {session.environment, *session.tags.values(), *(value for value in given if isinstance(value, str))}
    session.secrets.learn(sensitive_in_plan(plan), plain)


def learn_from_state(session: Session, unsaved: Path | None = None) -> None:
    """Have hidden what the state marks as sensitive: what was made since the plan was not known in it.

    `unsaved` is the state that could not be saved, where there is one. One that cannot be read teaches nothing.

    Raises:
        CancelledError: The run was cancelled.
    """
    which = [] if unsaved is None else [str(unsaved)]
    try:
        printed, ended = beside(session, "state").capture("show", ["show", "-json", *which], seconds=STATE_SECONDS)
    except TerraformError:
        return
    if ended.returncode == 0:
        session.secrets.learn(sensitive_in_state(printed), {session.environment, *session.tags.values()})
