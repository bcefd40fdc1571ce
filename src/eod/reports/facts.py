"""The one table of a report: what a product owner looks for first."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from eod.model.outcome import Outcome
from eod.reports.digest import Digest
from eod.reports.expectation import remaining
from eod.reports.markdown import Markdown, code, compose, escape, join, link, prose, safe_url
from eod.reports.situation import Situation
from eod.reports.wording import count, duration, moment, money, overruled

_USABLE = frozenset({Situation.READY, Situation.COOKING})
_NOTHING_TO_OPEN = frozenset(
    {Situation.DESTROYED, Situation.DESTROYING, Situation.NOTHING_TO_DESTROY, Situation.DRY_RUN, Situation.PLANNED}
)
_ON_ITS_WAY = frozenset({Situation.STARTING, Situation.PLANNING, Situation.APPLYING, Situation.SYNCING})

_NETLOC = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
_PATH = re.compile(r"/[A-Za-z0-9/._~-]*")

Fact = tuple[str, Markdown]


def facts_of(outcome: Outcome, digest: Digest, now: datetime) -> tuple[Fact, ...]:
    """Label and value of each row; rows without a value are left out."""
    rows = (
        _address(outcome, digest),
        ("Tier", _tier(outcome, digest)),
        ("Lived", _life(digest)),
        _time(outcome, digest, now),
        _commit(outcome, digest),
        ("Cost", _cost(outcome, digest)),
        _expiry(outcome, digest, now),
        _certificate(outcome),
    )
    return tuple((label, value) for label, value in rows if value)


def why(outcome: Outcome, digest: Digest) -> Markdown:
    """Why this tier, in one sentence without its end."""
    verdict = outcome.verdict
    overrule = outcome.overrule if verdict is None else verdict.overrule
    if overrule is not None:
        return Markdown(overruled(overrule, code))
    if verdict is None:
        return Markdown("")
    if verdict.forced_by:
        return compose("forced by {}", code(verdict.forced_by))
    if digest.deciding is None:
        return Markdown("")
    said = (digest.deciding.reason or digest.deciding.rule).removesuffix(".")
    reason = compose("{}: {}", code(digest.deciding.path), prose(said))
    more = f" (and {count(digest.deciding_more, 'more file')})" if digest.deciding_more else ""
    return Markdown(f"{reason}{more}")


def _address(outcome: Outcome, digest: Digest) -> Fact:
    if digest.situation in _NOTHING_TO_OPEN or outcome.phase is None:
        return "", Markdown("")
    if digest.situation in _USABLE:
        command = direct_command(outcome)
        direct = compose("without DNS and CDN: {}", code(command)) if command else Markdown("")
        return "Open", join(" · ", [link(host_of(outcome), outcome.url), direct])
    if outcome.updating:
        return "Open", compose("{} (the previous version, until this one is ready)", _host_link(outcome))
    if digest.situation in _ON_ITS_WAY:
        return "Address", compose("{} once it is ready", code(host_of(outcome)))
    return "", Markdown("")


def host_of(outcome: Outcome) -> str:
    """The host that the environment answers at."""
    return outcome.hostname or (urlsplit(outcome.url).hostname or "" if safe_url(outcome.url) else "")


def direct_command(outcome: Outcome) -> str:
    """What asks the load balancer itself for this host: a mere link to its address is answered by no host rule."""
    host = host_of(outcome)
    if not safe_url(outcome.direct_url) or not host:
        return ""
    balancer = urlsplit(outcome.direct_url)
    to = f"::{balancer.netloc}" if balancer.port else f"::{balancer.netloc}:"
    path = balancer.path or "/"
    harmless = _NETLOC.fullmatch(balancer.netloc) and _NETLOC.fullmatch(host) and _PATH.fullmatch(path)
    return f"curl --connect-to {to} {balancer.scheme}://{host}{path}" if harmless else ""


def _host_link(outcome: Outcome) -> Markdown:
    return link(host_of(outcome), outcome.url)


def _tier(outcome: Outcome, digest: Digest) -> Markdown:
    if not digest.tier or digest.situation in {Situation.DESTROYED, Situation.NOTHING_TO_DESTROY}:
        return Markdown("")
    reason = why(outcome, digest)
    return Markdown(f"**{digest.tier}**{f' — {reason}' if reason else ''}")


def _time(outcome: Outcome, digest: Digest, now: datetime) -> Fact:
    if digest.situation in _USABLE and outcome.ready_seconds is not None:
        verb = "Updated in" if outcome.updating else "Ready in"
        usual = f" (usually {digest.usual})" if digest.usual and not outcome.updating else ""
        return verb, Markdown(f"{duration(outcome.ready_seconds)}{usual}")
    expected = remaining(outcome, now)
    if digest.situation in _ON_ITS_WAY and expected:
        return "Usable", Markdown(f"{expected}; {duration(digest.elapsed)} so far")
    if digest.situation in _ON_ITS_WAY and digest.usual:
        return "Usable", Markdown(f"usually after {digest.usual}; {duration(digest.elapsed)} so far")
    if digest.situation is Situation.DESTROYED:
        return "Taken down in", Markdown(duration(digest.elapsed))
    return "", Markdown("")


def _commit(outcome: Outcome, digest: Digest) -> Fact:
    over = {Situation.DESTROYED, Situation.NOTHING_TO_DESTROY, Situation.NO_ENVIRONMENT}
    if not outcome.head_sha or not digest.tier or digest.situation in over:
        return "", Markdown("")
    namespace = compose(" in namespace {}", code(outcome.namespace)) if outcome.phase else Markdown("")
    return "Version", Markdown(f"{code(outcome.head_sha[:7])}{namespace}")


def _life(digest: Digest) -> Markdown:
    if digest.situation is not Situation.DESTROYED or digest.lifetime is None:
        return Markdown("")
    return Markdown(f"{duration(digest.lifetime)}{f', about {money(digest.spent)}' if digest.spent else ''}")


def _cost(outcome: Outcome, digest: Digest) -> Markdown:
    if not outcome.cost_per_day or outcome.command == "down" or digest.situation is Situation.NO_ENVIRONMENT:
        return Markdown("")
    return Markdown(f"about {money(outcome.cost_per_day)} a day")


def _expiry(outcome: Outcome, digest: Digest, now: datetime) -> Fact:
    at = outcome.expires_at
    if at is None or outcome.command == "down" or digest.situation is Situation.NO_ENVIRONMENT:
        return "", Markdown("")
    left = (at - now).total_seconds()
    return "Expires", Markdown(f"{moment(at)}{f', in {duration(left)}' if left > 0 else ''}; every push renews it")


def _certificate(outcome: Outcome) -> Fact:
    certificate = outcome.certificate
    if certificate is None:
        return "", Markdown("")
    found = f"{count(len(certificate.removed), 'thing')} removed"
    left = f", **{len(certificate.remaining)} left**" if certificate.remaining else ", nothing left"
    checks = ", ".join(escape(check.name) for check in certificate.checks)
    return "Certificate", Markdown(f"{found}{left}{f' — looked at: {checks}' if checks else ''}")
