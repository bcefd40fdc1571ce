"""People overrule the verdict: what they may, where it is put down, and what is kept of it.

GitHub is asked about people only when somebody lowers what asks for `full`, or commands by a comment.
"""

from collections.abc import Callable

from msgspec import Struct, structs

from eod.chatops import Order, parse_command
from eod.errors import CancelledError, EodError
from eod.lifecycle.rooms import Rooms, UpRequest
from eod.model.people import LabelPut, Role, TierWish
from eod.model.pull import PullRequest
from eod.model.record import Phase, Record
from eod.model.tier import How, Overrule, Tier, Verdict
from eod.tiers.labels import label_of, tier_labels
from eod.tiers.overrule import Overruler, kept, lowers_full, refusal, refused
from eod.tiers.verdict import found_in, verdict_of


class Settled(Struct, frozen=True):
    """The verdict once everybody was heard, and what the reader is told about it."""

    verdict: Verdict
    notices: tuple[str, ...] = ()


def settle(rooms: Rooms, pull: PullRequest, request: UpRequest, judged: Verdict) -> Settled:
    """Who overrules `judged`, if somebody may.

    Args:
        rooms: GitHub and the configuration.
        pull: Its labels force a tier.
        request: What an input or a comment asks for.
        judged: What the changed files ask for.
    """
    config = rooms.config
    notices: tuple[str, ...] = ()
    labels = pull.labels
    by_comment = request.wish if request.wish is not None and request.wish.how is How.COMMENT else None
    if by_comment is not None:
        reason = _unheard(rooms, by_comment, judged)
        if reason:
            notices, by_comment = (reason,), None
        else:
            labels, notices = _obey(rooms, pull, by_comment)
    forced = str(request.forced_tier) if request.forced_tier else None
    verdict = verdict_of(judged.evidence, config, labels=labels, forced=forced)
    if not lowers_full(verdict):
        return Settled(kept(verdict, _known(rooms, request, verdict, by_comment)), notices)
    overruler = _overruler(rooms, pull, request, verdict, by_comment)
    reason = refusal(overruler, verdict.tier, verdict.forced_by or "", config.overrule.permission)
    if reason:
        return Settled(refused(verdict, config), (*notices, reason))
    return Settled(kept(verdict, overruler), notices)


def may_command(rooms: Rooms, login: str) -> bool:
    """Whether somebody may give commands in comments: it takes the permission to write. Others get no answer."""
    overruler = _asked(lambda: Overruler(how=How.COMMENT, by=login, role=rooms.forge.role_of(login)), How.COMMENT)
    if overruler.role is not None and overruler.role.reaches(Role.WRITE):
        return True
    why = overruler.trouble or f"the permission is {overruler.role}"
    rooms.reporter.say(f"The command of {login} is not followed: it takes the permission to write, and {why}.")
    return False


def keep_overrule(rooms: Rooms, environment: str, overrule: Overrule | None) -> None:
    """Put down who forced tier `none` on an environment that is left alone."""

    def decide(record: Record | None) -> Record | None:
        if record is None or record.phase is Phase.DESTROYING or record.overrule == overrule:
            return record
        return structs.replace(record, overrule=overrule)

    what = "overruled" if overrule is not None else "no longer overruled"
    rooms.records.update(environment, decide, f"{environment}: {what}")


def _unheard(rooms: Rooms, wish: TierWish, judged: Verdict) -> str:
    """Why a comment's wish may not be; empty when it may."""
    if wish.tier in {None, Tier.FULL} or found_in(judged.evidence) is not Tier.FULL:
        return ""
    return refusal(_by_comment(rooms, wish), wish.tier or Tier.FULL, "", rooms.config.overrule.permission)


def _obey(rooms: Rooms, pull: PullRequest, wish: TierWish) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put a comment's wish down as a label; the labels as they are then, and notices.

    The label is what the next run reads, and people see; the comment stays the proof of who asked for it. A label
    that is there already is put anew: whoever put it may have been somebody else.
    """
    prefix = rooms.config.labels.prefix
    wanted = label_of(wish.tier, prefix) if wish.tier else ""
    former = tier_labels(pull.labels, prefix)
    after = (*(one for one in pull.labels if one not in former), *([wanted] if wanted else []))
    try:
        rooms.forge.relabel(pull.number, wanted, former)
    except CancelledError:
        raise
    except EodError as error:
        return after, (_only_now(wish, wanted, error),)
    return after, ()


def _only_now(wish: TierWish, label: str, error: EodError) -> str:
    what = f"The label `{label}` could not be put" if wish.tier else "The labels could not be taken away"
    said = error.detail.splitlines()[0] if error.detail else error.what
    return f"{what}, so `@{wish.by}`'s comment counts for this run only: {said} {error.fix}"


def _known(rooms: Rooms, request: UpRequest, verdict: Verdict, obeyed: TierWish | None) -> Overruler:
    """Who forced a tier for which nobody needs to be asked."""
    if request.forced_tier is not None:
        return Overruler(how=How.INPUT, by=request.asked_by, at=rooms.clock.now())
    if obeyed is not None:
        return Overruler(how=How.COMMENT, by=obeyed.by, at=obeyed.at)
    wish = request.wish
    if wish is not None and wish.how is How.LABEL and wish.label == verdict.forced_by:
        return Overruler(how=How.LABEL, by=wish.by, at=wish.at)
    return Overruler(how=How.LABEL)


def _overruler(
    rooms: Rooms, pull: PullRequest, request: UpRequest, verdict: Verdict, obeyed: TierWish | None
) -> Overruler:
    """Who forced less than `full`, and what they may."""
    if request.forced_tier is not None:
        return _asked(lambda: _by_input(rooms, request), How.INPUT)
    if obeyed is not None:
        return _by_comment(rooms, obeyed)
    label = verdict.forced_by or ""
    return _asked(lambda: _by_label(rooms, pull.number, label, verdict.tier), How.LABEL)


def _by_input(rooms: Rooms, request: UpRequest) -> Overruler:
    login = request.asked_by or rooms.forge.own_login()
    person = bool(login) and not login.endswith("[bot]")
    role = rooms.forge.role_of(login) if person else None
    return Overruler(how=How.INPUT, by=login, at=rooms.clock.now(), person=person, role=role)


def _by_comment(rooms: Rooms, wish: TierWish) -> Overruler:
    return _asked(
        lambda: Overruler(how=How.COMMENT, by=wish.by, at=wish.at, role=rooms.forge.role_of(wish.by)), How.COMMENT
    )


def _by_label(rooms: Rooms, number: int, label: str, tier: Tier) -> Overruler:
    put = rooms.forge.label_put(number, label)
    if put is None:
        return Overruler(how=How.LABEL)
    if put.person:
        return Overruler(how=How.LABEL, by=put.by, at=put.at, role=rooms.forge.role_of(put.by))
    behind = _command_behind(rooms, number, tier, put)
    return behind or Overruler(how=How.LABEL, by=put.by, at=put.at, person=False)


def _command_behind(rooms: Rooms, number: int, tier: Tier, put: LabelPut) -> Overruler | None:
    """Who had a label put that we put ourselves: the last command before it, by somebody who may command.

    A comment that was edited proves nothing: whoever may write can edit anybody's.
    """
    for comment in rooms.forge.comments(number):
        if not comment.person or comment.edited or comment.at is None or comment.at > put.at:
            continue
        command = parse_command(comment.body)
        if command is None or command.problem or command.order is not Order.TIER:
            continue
        role = rooms.forge.role_of(comment.by)
        if not role.reaches(Role.WRITE):
            continue
        if command.tier is not tier:
            return None
        return Overruler(how=How.COMMENT, by=comment.by, at=comment.at, role=role)
    return None


def _asked(ask: Callable[[], Overruler], how: How) -> Overruler:
    """What GitHub tells; where it cannot be asked, nobody is known."""
    try:
        return ask()
    except CancelledError:
        raise
    except EodError as error:
        return Overruler(how=how, trouble=f"GitHub could not be asked ({error.what.rstrip('.')})")
