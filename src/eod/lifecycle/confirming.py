"""The plan has the last word on the tier, before anything is made."""

from dataclasses import replace

from eod.config.tiers import resolve_tier
from eod.errors import PolicyRefusedError
from eod.governance.public_storage import refusal_of
from eod.lifecycle.case import Case
from eod.lifecycle.provision import Provisioning
from eod.tiers import Confirmation, Finding, confirm


def confirmed(case: Case, provisioning: Provisioning) -> Case:
    """The case as the plan leaves it: of a higher tier where the plan holds more than the verdict's allows.

    A raised tier gives Terraform other variables, so the plan is made again, and confirmed again: each time the
    tier is a higher one.

    Raises:
        PolicyRefusedError: It holds more, and the configuration says that this must fail; or a policy refuses it.
        EodError: The plan could not be made.
    """
    first = case.existing is None or case.existing.terraform is None
    while (plan := provisioning.plan()) is not None:
        found = confirm(case.verdict, plan, case.config, first=first)
        case.journey.notice(found.reason)
        if found.finding is Finding.REFUSED:
            _refuse(case, found)
        if found.finding is not Finding.RAISED:
            break
        case = replace(case, verdict=found.verdict, settings=resolve_tier(case.config, found.verdict.tier))
        case.journey.change(verdict=case.verdict, cost_per_day=case.settings.cost_per_day)
        provisioning.plan_again(case)
    refusal = None if plan is None else refusal_of(plan.summary.policy)
    if refusal is not None:
        with case.journey.step("policy", "Policies"):
            raise refusal
    return case


def _refuse(case: Case, found: Confirmation) -> None:
    addresses = ", ".join(change.address for change in found.beyond)
    with case.journey.step("confirm", "The plan and the tier"):
        raise PolicyRefusedError(
            f"The plan holds more than tier {case.verdict.tier} allows: {addresses}.",
            why="The root module makes it whatever `enable_…` says, or the changed files did not tell of it; "
            "`overrule.plan` is `fail`.",
            fix=f"Make it depend on its `enable_…` variable, force a higher tier with the label "
            f"`{case.config.labels.prefix}full`, or set `overrule.plan: raise`.",
        )
