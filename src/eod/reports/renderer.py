"""Renders reports as Markdown, each within the size that its reader takes."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct, structs

from eod.model import sticky
from eod.model.outcome import Outcome, StepState, SweepOutcome
from eod.model.record import Phase, Record
from eod.model.tier import Tier, Verdict
from eod.reports import expectation, markdown, wording
from eod.reports.digest import Room, certificate_rows, digest
from eod.reports.facts import direct_command, facts_of, host_of
from eod.reports.redact import Redactor, redacted
from eod.reports.situation import Situation

COMMENT_CHARACTERS = 65_536
HOME = "https://github.com/neo01/eod-action"

_MARKS = {StepState.RUNNING: "⏳", StepState.DONE: "✓", StepState.FAILED: "✗", StepState.SKIPPED: "\u2013"}
_STEERABLE = frozenset(
    {Situation.READY, Situation.COOKING, Situation.NO_ENVIRONMENT, Situation.AWAITING_APPROVAL, Situation.PLANNED}
)
_LOUD = frozenset(
    {Situation.STARTING, Situation.PLANNING, Situation.PLANNED, Situation.AWAITING_APPROVAL, Situation.APPLYING}
)
"""What a plan takes away is shown above all else until it is done."""

_TERRAFORM_STEPS = frozenset({"apply", "destroy"})

_COMMENT_ROOMS = (
    Room(evidence=25, items=100, steps=30, notices=10, detail=6_000, plan=40_000),
    Room(evidence=15, items=40, steps=20, notices=6, detail=3_000, plan=15_000),
    Room(evidence=10, items=20, steps=15, notices=4, detail=2_000, plan=0),
    Room(evidence=3, items=5, steps=10, notices=2, detail=800, plan=0),
    Room(evidence=0, items=0, steps=0, notices=1, detail=0, plan=0),
)
_SUMMARY_ROOMS = (
    Room(evidence=1_000, items=1_000, steps=100, notices=50, detail=60_000, plan=400_000),
    Room(evidence=200, items=200, steps=50, notices=20, detail=20_000, plan=100_000),
    *_COMMENT_ROOMS,
)
_WORDS = {
    "teardown": "taken down",
    "warn": "warned",
    "delete-application": "application deleted",
    "delete-namespace": "namespace deleted",
    "report": "left alone",
}

_Data = TypeVar("_Data", bound=Struct)


class Settings(Struct, frozen=True, kw_only=True):
    """What reports say about how to steer an environment: the configured labels."""

    tier_prefix: str = "eod/tier: "
    skip_label: str = "eod/skip"
    keep_label: str = "eod/keep"


class Renderer:
    """Makes Markdown of outcomes. Nothing in an outcome is trusted, and known secrets never come out.

    Args:
        redact: Takes secrets out of every text.
        settings: The configured labels.
    """

    def __init__(self, redact: Redactor | None = None, settings: Settings | None = None) -> None:
        self.redact = redact or Redactor()
        self._settings = settings or Settings()

    def clean(self, data: _Data) -> _Data:
        """The same data without secrets and without what cannot be stored."""
        cleaned: Any = redacted(data, self.redact)
        return cleaned  # type: ignore[no-any-return]  # `redacted` keeps the type

    def marker(self, environment: str) -> str:
        """The hidden first line that the sticky comment is found again by."""
        return sticky.marker(environment)

    def comment(self, outcome: Outcome, now: datetime) -> str:
        """The sticky comment, at most `COMMENT_CHARACTERS` long, its hidden marker first."""
        return self.comment_of(self.clean(outcome), now)

    def comment_of(self, clean: Outcome, now: datetime) -> str:
        """The same, of what `clean` or a `CleanSnapshots` made."""
        marker = self.marker(clean.environment)
        body = _fitting(
            lambda room: f"{marker}\n{self._page(clean, now, room, wide=False)}",
            _COMMENT_ROOMS,
            len,
            COMMENT_CHARACTERS,
        )
        return body or f"{marker}\n{self._bare(clean, now)}"

    def summary(self, outcome: Outcome, now: datetime, room_bytes: int) -> str:
        """The same for the job summary, with more of everything; empty if not even the least fits."""
        clean = self.clean(outcome)
        return _fitting(lambda room: self._page(clean, now, room, wide=True), _SUMMARY_ROOMS, _bytes, room_bytes)

    def verdict(self, verdict: Verdict) -> str:
        """The evidence alone, as the comment shows it."""
        never = datetime.fromtimestamp(0, UTC)
        outcome = Outcome(
            command="up", environment="", repository="", pr_number=0, started_at=never, verdict=verdict
        )
        clean = self.clean(outcome)
        return _fitting(
            lambda room: _joined([_part("evidence", o=clean, d=digest(clean, never, room))]),
            _COMMENT_ROOMS,
            len,
            COMMENT_CHARACTERS,
        )

    def sweep(self, outcome: SweepOutcome, room_bytes: int) -> str:
        """The job summary of a sweep."""
        clean = self.clean(outcome)
        return _fitting(lambda room: self._sweep(clean, room.items), _SUMMARY_ROOMS, _bytes, room_bytes)

    def expiry_warning(self, record: Record, now: datetime) -> str:
        """A comment of its own: the owner's time is nearly over. The one place where somebody is mentioned."""
        clean = self.clean(record)
        left = 0.0 if clean.expires_at is None else (clean.expires_at - now).total_seconds()
        return _part(
            "expiry",
            owner=clean.owner,
            mention=_mention(clean.owner),
            environment=clean.environment,
            expires_at=clean.expires_at or now,
            left=left,
            settings=self._settings,
        )

    def reply(self, text: str) -> str:
        """A comment that answers somebody's comment."""
        return f"{markdown.prose(self.redact(text))}\n"

    def _bare(self, outcome: Outcome, now: datetime) -> str:
        """When somebody's texts leave no room for anything else."""
        context = self._context(outcome, now, _COMMENT_ROOMS[-1], wide=False)
        return _joined(_part(name, **context) for name in ("headline", "footer"))

    def _page(self, outcome: Outcome, now: datetime, room: Room, *, wide: bool) -> str:
        context = self._context(outcome, now, room, wide=wide)
        head = ("headline", "notices", "trouble", "policy", "losses", "facts", "cooking")
        body = ("steps", "evidence", "plan") if context["live"] else ("evidence", "plan", "steps")
        return _joined(_part(name, **context) for name in (*head, *body, "certificate", "steer", "footer"))

    def _context(self, outcome: Outcome, now: datetime, room: Room, *, wide: bool) -> dict[str, Any]:
        found = digest(outcome, now, room)
        return {
            "o": outcome,
            "d": found,
            "s": str(found.situation),
            "now": now,
            "facts": facts_of(outcome, found, now),
            "host": host_of(outcome),
            "direct": direct_command(outcome),
            "live": not found.situation.over and found.situation is not Situation.COOKING,
            "wide": wide,
            "loud": found.situation in _LOUD,
            "marks": _MARKS,
            "terraform_steps": _TERRAFORM_STEPS,
            "steer": found.situation in _STEERABLE and not wide,
            "settings": self._settings,
            "tiers": markdown.join(", ", [markdown.code(tier) for tier in Tier]),
            "home": HOME,
        }

    def _sweep(self, outcome: SweepOutcome, limit: int) -> str:
        certificates = [(one, certificate_rows(one, limit)) for one in outcome.certificates[:limit]]
        return _part(
            "sweep",
            o=structs.replace(outcome, stopped=markdown.cut_lines(outcome.stopped, 200 * max(limit, 1))[0]),
            errors=sum(1 for one in outcome.actions if one.error),
            actions=outcome.actions[:limit],
            actions_more=max(len(outcome.actions) - limit, 0),
            certificates=certificates,
            certificates_more=max(len(outcome.certificates) - limit, 0),
            notices=outcome.notices[:limit],
            words=_WORDS,
        )


def is_worth_a_comment(outcome: Outcome) -> bool:
    """Whether the pull request's comment should show this snapshot.

    Not before the tier is known; not a dry run; and a teardown that finds nothing must not overwrite the death
    certificate of the one before it.
    """
    if outcome.failure is not None:
        return True
    if outcome.command == "down":
        destroyed = outcome.phase is Phase.DESTROYED and outcome.certificate is not None
        return destroyed or outcome.phase is Phase.DESTROYING
    return outcome.verdict is not None


def _fitting(
    render: Callable[[Room], str], rooms: tuple[Room, ...], size: Callable[[str], int], limit: int
) -> str:
    """The fullest rendering that fits; the plan's text gives way first, line by line."""
    for room in rooms:
        text = render(room)
        excess = size(text) - limit
        if 0 < excess < room.plan:
            text = render(structs.replace(room, plan=room.plan - excess - _SPARE))
            excess = size(text) - limit
        if excess <= 0:
            return text
    return ""


_SPARE = 200
"""Characters for the line that says how much was left out."""


def _bytes(text: str) -> int:
    return len(text.encode())


def _joined(parts: Any) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _part(name: str, **context: Any) -> str:
    text: str = _environment().get_template(f"{name}.md.j2").render(context)
    return text.strip("\n")


def _mention(login: str) -> markdown.Markdown:
    plain = login.removesuffix("[bot]")
    harmless = plain.isascii() and plain.replace("-", "").isalnum() and plain == login
    return markdown.Markdown(f"@{login}") if harmless else markdown.escape(login)


@cache
def _environment() -> Any:
    """Jinja2, sandboxed, where every value is escaped unless it is `Markdown` already."""
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=PackageLoader("eod.reports"),
        undefined=StrictUndefined,
        finalize=markdown.escape,
        autoescape=False,  # HTML's escaping is not Markdown's: `finalize` escapes every value
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": markdown.code,
        "way": expectation.way,
        "prose": markdown.prose,
        "code_html": markdown.code_html,
        "html": markdown.escape_html,
        "fence": markdown.fence,
        "link": markdown.link,
        "duration": wording.duration,
        "minutes": wording.minutes_range,
        "moment": wording.moment,
        "money": wording.money,
        "clock": wording.clock_time,
        "counted": wording.count,
        "thousands": "{:,}".format,
    }
    return environment
