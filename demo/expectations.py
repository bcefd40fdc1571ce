"""What the story is to show. Decided from what was kept of it; nothing is asked any more."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from demo.cast import Part
from demo.findings import Finding
from demo.takes import Take
from eod.model.tier import Tier
from standins.github import Exchange

_WITH_DATABASE = {Tier.DATABASE, Tier.FULL}
_PHASES = ("requested", "ready", "destroyed")
_REFUSED_BY_DESIGN = {403: "environments"}
"""A job's token may not delete a GitHub environment; the action asks and says so."""


def expectations(
    parts: Iterable[Part], takes: list[Take], trail: str, exchanges: list[Exchange], secrets: Iterable[str]
) -> list[Finding]:
    """One finding for each thing that a reader of the story was promised.

    Args:
        parts: Those that were played.
        takes: What was kept of each run.
        trail: The log of the records' branch, oldest first.
        exchanges: Everything that GitHub was asked.
        secrets: The tokens that were given to jobs.
    """
    findings: list[Finding] = []
    for part in parts:
        own = [take for take in takes if take.number == part.number]
        if own:
            findings += [*_of_part(part, own), _trail(part, trail)]
    if any(take.run.trigger.workflow == "sweep.yml" for take in takes):
        findings.append(_sweep_left_others_alone(takes))
    findings += [_known_routes(exchanges), _no_refusals(exchanges), _no_secrets(takes, secrets)]
    return findings


def _of_part(part: Part, own: list[Take]) -> Iterator[Finding]:
    name, first, last = f"#{part.number}", own[0], own[-1]
    tier = first.run.outputs.get("tier", "")
    yield Finding(what=f"{name} gets tier {part.tier}", ok=tier == part.tier, detail=tier)
    yield _evidence(name, part, first)
    url, phase = first.run.outputs.get("url", ""), first.run.outputs.get("phase", "")
    yield Finding(
        what=f"{name} answers",
        ok=phase == "ready" and part.environment in url,
        detail=f"{phase}, {url}" if phase else "it does not",
    )
    plan = first.run.outputs.get("plan-summary", "")
    if part.tier is Tier.LIGHTWEIGHT:
        yield Finding(what=f"{name} needs no Terraform", ok=not plan, detail=plan or "none was run")
    if part.tier in _WITH_DATABASE:
        yield Finding(
            what=f"{name} has a database of its own",
            ok=len(first.databases) == 1,
            detail=_short(name.partition(" ")[0] for name in first.databases) or "none",
        )
    if len(part.messages) > 1:
        yield _kept_database(name, own)
    ids = {comment.id for take in own for comment in take.comments}
    yield Finding(what=f"{name} has one comment, edited in place", ok=len(ids) == 1, detail=f"{len(ids)} in all")
    yield _certificate(name, last)


def _evidence(name: str, part: Part, first: Take) -> Finding:
    body = first.comments[-1].body if first.comments else ""
    changed = part.pushes()[0]
    missing = sorted(path for path in changed if f"| `{path}` |" not in body)
    return Finding(
        what=f"{name}'s comment says why, file by file",
        ok=f"Why tier {part.tier}" in body and not missing,
        detail=f"nothing of {_short(missing)}" if missing else f"{len(changed)} of {len(changed)} files",
    )


def _kept_database(name: str, own: list[Take]) -> Finding:
    before, after = own[0].databases, own[1].databases if len(own) > 1 else ()
    return Finding(
        what=f"{name} keeps its database when it is pushed to",
        ok=bool(before) and before == after,
        detail="the same cluster" if before == after else f"before {before}, after {after}",
    )


def _certificate(name: str, last: Take) -> Finding:
    text = last.run.outputs.get("certificate", "")
    if last.run.trigger.workflow == "sweep.yml":
        complete = "nothing left" in last.comments[-1].body if last.comments else False
        return Finding(what=f"{name} ends with a certificate", ok=complete, detail="in the comment")
    told: dict[str, Any] = json.loads(text) if text else {}
    removed, remaining = told.get("removed", []), told.get("remaining", [])
    return Finding(
        what=f"{name} ends with a certificate",
        ok=bool(removed) and not remaining and all(check["ok"] for check in told.get("checks", [])),
        detail=f"{len(removed)} removed, {len(remaining)} left" if told else "none",
    )


def _trail(part: Part, trail: str) -> Finding:
    lines = [line for line in trail.splitlines() if f" {part.environment}: " in line]
    missing = [phase for phase in _PHASES if not any(phase in line for line in lines)]
    detail = f"{len(lines)} commits" + (f", none says {', '.join(missing)}" if missing else "")
    return Finding(what=f"#{part.number}'s transitions are commits", ok=not missing, detail=detail)


def _sweep_left_others_alone(takes: list[Take]) -> Finding:
    (sweep,) = (take for take in takes if take.run.trigger.workflow == "sweep.yml")
    words = [line for line in sweep.run.log if "pr-122" in line or "pr-123" in line]
    return Finding(
        what="the sweep leaves the others alone", ok=not words, detail="; ".join(words) or "not a word of them"
    )


def _known_routes(exchanges: list[Exchange]) -> Finding:
    unknown = sorted({f"{one.method} {one.path}" for one in exchanges if not one.known})
    return Finding(
        what="GitHub was asked only what it answers",
        ok=not unknown,
        detail=_short(unknown) or f"{len(exchanges)} requests",
    )


def _no_refusals(exchanges: list[Exchange]) -> Finding:
    """404 is how GitHub says no; the rest would be a missing permission or a malformed request."""
    refused = sorted(
        {
            f"{one.status} {one.method} {one.path}"
            for one in exchanges
            if one.status >= 400 and one.status != 404 and _REFUSED_BY_DESIGN.get(one.status, "\0") not in one.path
        }
    )
    return Finding(
        what="GitHub refused nothing", ok=not refused, detail=_short(refused) or "with least permissions"
    )


def _no_secrets(takes: list[Take], secrets: Iterable[str]) -> Finding:
    wanted = [secret for secret in secrets if secret]
    places = sorted({take.name for take in takes if any(secret in _everything(take) for secret in wanted)})
    return Finding(what="no token is in any log, comment, output or record", ok=not places, detail=_short(places))


def _everything(take: Take) -> str:
    return msgspec.json.encode(take).decode()


def _short(items: Iterable[str]) -> str:
    return "; ".join(items)
