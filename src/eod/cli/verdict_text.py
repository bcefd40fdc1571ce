"""`eod classify` for people: the evidence as a table, what decided, and how to overrule it."""

import shutil

from eod.config import Config
from eod.errors import UsageError
from eod.model.tier import Tier, Verdict
from eod.reports.printable import plain
from eod.reports.tables import table
from eod.tiers.examine import UNMATCHED, Examination
from eod.tiers.explain import Explanation, explain
from eod.tiers.opinion import Stage
from eod.tiers.overrule import lowers_full

SHOWN = 50
_ASKED = {
    Stage.TEAM: "the repository's own rules",
    Stage.INERT: "does it run at all?",
    Stage.UNCHANGED: "does anything change but words for people?",
    Stage.HARMLESS: "can it break anything?",
    Stage.MEANING: "what does it mean?",
    Stage.WEIGHT: "what does it weigh? (the strictest counts)",
}


def verdict_text(verdict: Verdict, config: Config, width: int | None = None) -> str:
    """The tier, what it gets, the evidence strictest first, and what would have changed the answer."""
    found = explain(verdict)
    parts = [_headline(verdict), *_deciding(verdict, found), *verdict.notes]
    if lowers_full(verdict):
        parts.append(
            f"In a pull request this takes a person with the permission `{config.overrule.permission}` "
            "(`overrule.permission`): it is checked there."
        )
    if found.evidence:
        parts += ["", _table(found, width or shutil.get_terminal_size((110, 24)).columns)]
    parts += ["", _overrule(verdict, config)]
    return "\n".join(parts)


def examination_text(examination: Examination) -> str:
    """Everything that was asked about one file, stage by stage."""
    lines = [f"{examination.opinion.tier}: {plain(examination.file.path)} ({examination.file.kind})"]
    stage = None
    for heard in examination.heard:
        if heard.stage is not stage:
            stage = heard.stage
            lines.append(f"\n{stage}: {_ASKED[stage]}")
        if heard.opinion is None:
            lines.append(f"  {heard.examiner}: nothing to say")
        else:
            said = heard.opinion
            lines.append(f"  {heard.examiner}: {said.tier} [{plain(said.rule)}] {plain(said.reason)}")
    counts = examination.opinion
    lines.append(f"\nSo it is {counts.tier} [{plain(counts.rule)}]: {plain(counts.reason)}")
    if counts.rule == UNMATCHED:
        lines.append("Name such files in `rules` or change `default-tier` in .github/eod.yml.")
    return "\n".join(lines)


def no_such_file(path: str, verdict: Verdict) -> UsageError:
    """What `--explain` says of a path that did not change."""
    from difflib import get_close_matches

    near = get_close_matches(path, [one.path for one in verdict.evidence], n=1, cutoff=0.4)
    hint = f" Did you mean `{plain(near[0])}`?" if near else ""
    return UsageError(
        f"`{plain(path)}` is not among the changed files.",
        fix=f"Pass a path as the table of `eod classify` shows it, from the repository's root.{hint}",
    )


def _headline(verdict: Verdict) -> str:
    forced = f", forced by {plain(verdict.forced_by)}" if verdict.forced_by else ""
    capabilities = ", ".join(verdict.capabilities)
    return f"{verdict.tier}{forced}" + (f": gets {capabilities} of its own" if capabilities else "")


def _deciding(verdict: Verdict, found: Explanation) -> list[str]:
    if not found.deciding:
        return []
    first = found.deciding[0]
    more = len(found.deciding) - 1
    beside = "" if not more else f" (and {more} more {'file' if more == 1 else 'files'})"
    verb = "asks" if not more else "ask"
    lines = [f"decided by {plain(first.path)}{beside}: {plain(first.reason)} [{plain(first.rule)}]"]
    if verdict.forced_by:
        lines[0] = f"without it: {found.found}, {lines[0]}"
    elif found.otherwise is not None:
        lines.append(f"without what {verb} for {found.found} it would be {found.otherwise}")
    return lines


def _table(found: Explanation, width: int) -> str:
    rows = [
        [plain(text) for text in (str(one.tier), one.path, one.reason, one.rule)] for one in found.evidence[:SHOWN]
    ]
    more = len(found.evidence) - SHOWN
    left_out = f"… and {more} more; `--json` lists them all.\n" if more > 0 else ""
    return table(("tier", "file", "why", "rule"), rows, width) + left_out


def _overrule(verdict: Verdict, config: Config) -> str:
    tiers = ", ".join(str(tier) for tier in Tier if tier is not verdict.tier)
    return (
        f"To overrule it, label the pull request `{config.labels.prefix}<tier>` ({tiers}); to change the\n"
        "rule for good, see `rules` in .github/eod.yml. `--explain PATH` tells what was asked about a file."
    )
