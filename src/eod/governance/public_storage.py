"""No public storage in a preview."""

from typing import Final

from eod.config import Level, Policy
from eod.data.wildcards import matches
from eod.errors import PolicyRefusedError
from eod.model.plan import Plan
from eod.model.policy import Exposure, PolicyFinding, Severity

RULE: Final = "public-storage"
_NAMED: Final = 5
_DETAILED: Final = 100


def findings_of(plan: Plan, policy: Policy) -> tuple[PolicyFinding, ...]:
    """What there is to say of public storage in the plan, refusals first."""
    if policy.public_storage is Level.OFF:
        return ()
    found = [_finding(one, policy) for one in plan.exposures if not _allowed(one, policy)]
    return tuple(sorted(found, key=lambda one: (list(Severity).index(one.severity), one.address)))


def refusal_of(findings: tuple[PolicyFinding, ...]) -> PolicyRefusedError | None:
    """What ends the run before anything is applied: each address, its cause, the way out. `None`: it goes on."""
    refused = [one for one in findings if one.severity is Severity.REFUSED]
    if not refused:
        return None
    addresses = list(dict.fromkeys(one.address for one in refused))
    more = f" and {len(addresses) - _NAMED} more" if len(addresses) > _NAMED else ""
    return PolicyRefusedError(
        f"The plan makes storage public: {', '.join(addresses[:_NAMED])}{more}.",
        why="A preview runs code that is not reviewed yet, often on data that looks like production's; "
        "`policy.public-storage` is `refuse`.",
        fix=f"{refused[0].way_out} If it must be public, add its address to `policy.allow-public` on the base "
        "branch (`*` stands for anything), or set `policy.public-storage: warn`.",
        detail="\n".join(f"{one.address}: {one.what}" for one in refused[:_DETAILED]),
    )


def _allowed(exposure: Exposure, policy: Policy) -> bool:
    return any(matches(pattern, exposure.address) for pattern in policy.allow_public)


def _finding(exposure: Exposure, policy: Policy) -> PolicyFinding:
    refused = policy.public_storage is Level.REFUSE and not exposure.permits
    known = Severity.REFUSED if refused else Severity.WARNED
    return PolicyFinding(
        rule=RULE,
        address=exposure.address,
        severity=known if exposure.certain else Severity.UNKNOWN,
        what=exposure.what,
        way_out=exposure.way_out,
    )
