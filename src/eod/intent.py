"""What an event asks of us. Pure: decided from the event, the inputs and a few settings."""

from enum import StrEnum

from msgspec import Struct, structs

from eod.chatops import Order, parse_command
from eod.config import Config
from eod.errors import UsageError
from eod.inputs import Command, Inputs
from eod.model.event import Event
from eod.model.people import TierWish
from eod.model.pull import PullRequest
from eod.model.tier import How, Tier

DEPENDABOT = "dependabot[bot]"
PULL_EVENTS = frozenset({"pull_request", "pull_request_target"})
UP_ACTIONS = frozenset({"opened", "reopened", "synchronize", "ready_for_review"})


class Act(StrEnum):
    """What is to be done."""

    UP = "up"
    DOWN = "down"
    SWEEP = "sweep"
    STATUS = "status"
    CLASSIFY = "classify"
    PLAN = "plan"
    REPLY = "reply"
    NONE = "none"


class Intent(Struct, frozen=True, kw_only=True):
    """What a run shall do, and the sentence that tells a reader why.

    `pr_number` is `None` for sweeps, for `none`, and for the status of all environments. `actor` is who caused the
    run. `wish` is the tier that a label or a comment just asked for. `commander` is whose comment this follows:
    nothing is done before that person was found to have the permission. `reply` is what a comment is answered.
    """

    act: Act
    reason: str
    pr_number: int | None = None
    forced_tier: Tier | None = None
    actor: str = ""
    dry_run: bool = False
    wish: TierWish | None = None
    commander: str = ""
    reply: str = ""


class _Wish(Struct, frozen=True):
    act: Act
    reason: str
    wish: TierWish | None = None
    commander: str = ""
    reply: str = ""


_NEED_A_PULL = frozenset({Act.UP, Act.DOWN, Act.PLAN, Act.CLASSIFY})


def intent_of(event: Event | None, inputs: Inputs, config: Config, repository: str) -> Intent:
    """Decide what this run is for. An explicit `command` wins over what the event suggests.

    Code from outside the repository never gets further than its verdict, whatever the inputs say: a plan executes
    HCL that the author wrote. Drafts and the skip label are left to `up`, which knows whether there is an
    environment to take down.

    Args:
        event: What started the run; `None` on a terminal.
        inputs: The checked inputs.
        config: For the labels and the rule for drafts.
        repository: `owner/name` of the repository that the workflow runs in.

    Raises:
        UsageError: No event and no command, or no pull request where one is needed, or two different ones.
    """
    wish = _explicit(inputs) or _suggested(event, inputs, config)
    pull = None if event is None else event.pull
    if pull is not None:
        wish = _hold_outsiders(wish, pull, event, repository, explicit=inputs.command is not Command.AUTO)
    number = _number(event, inputs, wish) if wish.act not in {Act.SWEEP, Act.NONE} else None
    return Intent(
        act=wish.act,
        reason=wish.reason,
        pr_number=number,
        forced_tier=inputs.tier,
        actor="" if event is None else event.actor,
        dry_run=inputs.dry_run,
        wish=wish.wish,
        commander=wish.commander,
        reply=wish.reply,
    )


def _explicit(inputs: Inputs) -> _Wish | None:
    if inputs.command is Command.AUTO:
        return None
    return _Wish(Act(inputs.command.value), f"The input `command` says `{inputs.command}`.")


def _suggested(event: Event | None, inputs: Inputs, config: Config) -> _Wish:
    if event is None:
        raise UsageError(
            "There is no event that says what to do.",
            why="`command: auto` follows the event of a workflow run.",
            fix="Set the input `command`, or use a subcommand such as `eod up --pr NUMBER`.",
        )
    if event.name in PULL_EVENTS:
        return _for_pull(event, config)
    if event.name == "issue_comment":
        return _for_comment(event)
    if event.name == "schedule":
        return _Wish(Act.SWEEP, "The schedule asks for a sweep.")
    if event.name in {"workflow_dispatch", "repository_dispatch"}:
        if inputs.pr_number is not None:
            return _Wish(Act.UP, f"Started by hand for #{inputs.pr_number}.")
        return _Wish(Act.SWEEP, "Started by hand without a pull request: a sweep.")
    return _Wish(Act.NONE, f"An event `{event.name}` asks for nothing.")


def _for_comment(event: Event) -> _Wish:
    """A command in a new comment; `event.pull` was fetched, since the payload only names it."""
    comment = event.comment
    command = None if comment is None else parse_command(comment.body)
    if comment is None or command is None or event.commented_pull is None:
        return _Wish(Act.NONE, "The comment holds no command.")
    if event.action != "created" or comment.edited:
        return _Wish(Act.NONE, "Only new comments command; an edited one could be somebody else's words.")
    if not comment.person:
        return _Wish(Act.NONE, f"The comment is by {comment.by or 'nobody'}, which is no person.")
    closed = event.pull is not None and not event.pull.open
    problem = _CLOSED.format(event.commented_pull) if closed else command.problem
    asked = TierWish(how=How.COMMENT, by=comment.by, at=comment.at, tier=command.tier)
    return _Wish(
        act=Act.REPLY if problem else Act.DOWN if command.order is Order.DOWN else Act.UP,
        reason=f"A comment by {comment.by} says so.",
        wish=asked if command.order is Order.TIER and not problem else None,
        commander=comment.by,
        reply=problem,
    )


_CLOSED = "Pull request {} is closed, so it gets no environment: reopen it first."


def _for_pull(event: Event, config: Config) -> _Wish:
    action = event.action
    if action == "closed":
        return _Wish(Act.DOWN, "The pull request is closed.")
    if action in UP_ACTIONS:
        return _Wish(Act.UP, f"The pull request was {_WORDS.get(action, action)}.")
    if action in {"labeled", "unlabeled"}:
        return _for_label(event, config)
    if action == "converted_to_draft" and not config.github.drafts:
        return _Wish(Act.UP, "The pull request became a draft.")
    if action == "edited" and event.base_changed:
        return _Wish(Act.UP, "The pull request got another base branch.")
    return _Wish(Act.NONE, f"`{action}` changes nothing about the environment.")


_WORDS = {"synchronize": "pushed to", "ready_for_review": "marked ready for review"}


def _for_label(event: Event, config: Config) -> _Wish:
    labels = config.labels
    if event.pull is not None and not event.pull.open:
        return _Wish(Act.NONE, "Labels of a closed pull request change nothing.")
    if event.label.startswith(labels.prefix) or event.label == labels.skip:
        verb = "added" if event.action == "labeled" else "removed"
        return _Wish(Act.UP, f"The label `{event.label}` was {verb}.", wish=_by_label(event))
    return _Wish(Act.NONE, f"The label `{event.label}` is none of ours.")


def _by_label(event: Event) -> TierWish | None:
    if event.action != "labeled" or event.pull is None:
        return None
    return TierWish(how=How.LABEL, by=event.actor, at=event.pull.updated_at, label=event.label)


def _hold_outsiders(
    wish: _Wish, pull: PullRequest, event: Event | None, repository: str, *, explicit: bool
) -> _Wish:
    if wish.act in {Act.UP, Act.PLAN}:
        outsider = _outsider(pull, "" if event is None else event.actor, repository)
        if outsider:
            reason = f"{outsider} It gets a verdict, and no plan, environment or credentials."
            return structs.replace(wish, act=Act.CLASSIFY, reason=reason)
    if wish.act is Act.DOWN and not explicit:
        outsider = _outsider(pull, "", repository)
        if outsider:
            return _Wish(Act.NONE, f"{outsider} There is no environment to take down.")
    return wish


def _outsider(pull: PullRequest, actor: str, repository: str) -> str:
    if pull.head_repository is None:
        return "The fork that the code comes from is gone."
    if pull.is_from_fork(repository):
        return f"The code comes from the fork {pull.head_repository}."
    if DEPENDABOT in {pull.author, actor}:
        return "Dependabot's runs get no secrets."
    return ""


def _number(event: Event | None, inputs: Inputs, wish: _Wish) -> int | None:
    own = None
    if event is not None:
        own = event.pull.number if event.pull is not None else event.commented_pull
    if own is not None and inputs.pr_number not in {None, own}:
        raise UsageError(
            f"The event is about #{own}, and the input `pr-number` says #{inputs.pr_number}.",
            why="A run for one pull request must not touch another's environment.",
            fix="Leave `pr-number` out here; it is for `workflow_dispatch` and `schedule`.",
        )
    number = own if own is not None else inputs.pr_number
    if number is None and wish.act in _NEED_A_PULL:
        raise UsageError(
            f"`{wish.act}` needs a pull request, and neither the event nor the inputs name one.",
            fix="Set the input `pr-number`, or run on `pull_request`.",
        )
    return number
