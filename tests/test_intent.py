from datetime import UTC, datetime

import pytest
from msgspec import structs

from eod.config import Config, GitHub, Labels
from eod.errors import UsageError
from eod.inputs import Command, Inputs
from eod.intent import Act, intent_of
from eod.model.event import Event
from eod.model.people import Comment
from eod.model.pull import PullRequest
from eod.model.tier import How, Tier

REPOSITORY = "acme/shop"
CONFIG = Config(domain="acme.test")
PULL = PullRequest(
    number=7,
    title="Fix",
    url="https://github.com/acme/shop/pull/7",
    author="octocat",
    open=True,
    merged=False,
    draft=False,
    head_sha="a" * 40,
    head_ref="fix",
    head_repository=REPOSITORY,
    base_sha="b" * 40,
    base_ref="main",
)


def pull_event(action, *, name="pull_request", label="", base_changed=False, actor="octocat", **changes):
    return Event(
        name=name,
        action=action,
        repository=REPOSITORY,
        actor=actor,
        pull=structs.replace(PULL, **changes),
        label=label,
        base_changed=base_changed,
    )


def intent(event, config=CONFIG, **inputs):
    return intent_of(event, Inputs(**inputs), config, REPOSITORY)


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review"])
def test_a_pull_request_that_moves_gets_its_environment(name, action):
    decided = intent(pull_event(action, name=name))
    assert (decided.act, decided.pr_number, decided.actor) == (Act.UP, 7, "octocat")
    assert decided.reason.endswith(".")


def test_closed_takes_it_down():
    assert intent(pull_event("closed", open=False)).act is Act.DOWN


@pytest.mark.parametrize("action", ["labeled", "unlabeled"])
@pytest.mark.parametrize(
    ("label", "act"),
    [("eod/tier: full", Act.UP), ("eod/skip", Act.UP), ("eod/keep", Act.NONE), ("bug", Act.NONE), ("", Act.NONE)],
)
def test_only_labels_of_ours_count(action, label, act):
    assert intent(pull_event(action, label=label)).act is act


def test_labels_have_the_configured_names():
    config = Config(domain="acme.test", labels=Labels(prefix="size/", skip="no-env"))
    assert intent(pull_event("labeled", label="size/full"), config).act is Act.UP
    assert intent(pull_event("labeled", label="no-env"), config).act is Act.UP
    assert intent(pull_event("labeled", label="eod/skip"), config).act is Act.NONE


def test_a_label_on_a_closed_pull_request_brings_nothing_back():
    assert intent(pull_event("labeled", label="eod/tier: full", open=False)).act is Act.NONE


@pytest.mark.parametrize("action", ["assigned", "edited", "review_requested", "converted_to_draft", "locked"])
def test_whatever_else_happens_asks_for_nothing(action):
    decided = intent(pull_event(action))
    assert (decided.act, decided.pr_number) == (Act.NONE, None)


def test_another_base_branch_is_another_diff():
    assert intent(pull_event("edited", base_changed=True)).act is Act.UP


def test_becoming_a_draft_counts_where_drafts_get_no_environment():
    config = Config(domain="acme.test", github=GitHub(drafts=False))
    assert intent(pull_event("converted_to_draft", draft=True), config).act is Act.UP


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"head_repository": "mallory/shop"}, "fork mallory/shop"),
        ({"head_repository": None}, "gone"),
        ({"author": "dependabot[bot]"}, "Dependabot"),
        ({"actor": "dependabot[bot]"}, "Dependabot"),
    ],
)
@pytest.mark.parametrize("command", [Command.AUTO, Command.UP, Command.PLAN])
def test_code_from_outside_gets_a_verdict_and_nothing_more_whatever_the_inputs_say(changes, word, command):
    decided = intent(pull_event("synchronize", **changes), command=command)
    assert (decided.act, decided.pr_number) == (Act.CLASSIFY, 7)
    assert word in decided.reason


def test_a_closed_fork_left_nothing_to_take_down():
    assert intent(pull_event("closed", head_repository=None, open=False)).act is Act.NONE
    assert intent(pull_event("closed", head_repository=None, open=False), command=Command.DOWN).act is Act.DOWN


def test_repository_names_do_not_differ_by_case():
    assert intent(pull_event("opened", head_repository="Acme/Shop")).act is Act.UP


def test_the_schedule_sweeps():
    decided = intent(Event(name="schedule", schedule="0 * * * *"), dry_run=True)
    assert (decided.act, decided.pr_number, decided.dry_run) == (Act.SWEEP, None, True)


def test_by_hand_it_sweeps_or_does_what_is_given():
    event = Event(name="workflow_dispatch", actor="octocat")
    assert intent(event).act is Act.SWEEP
    assert intent(event, command=Command.DOWN, pr_number=9).act is Act.DOWN
    decided = intent(event, pr_number=9)
    assert (decided.act, decided.pr_number) == (Act.UP, 9)


@pytest.mark.parametrize("name", ["push", "issue_comment", "merge_group", "release"])
def test_other_events_ask_for_nothing(name):
    assert intent(Event(name=name)).act is Act.NONE


@pytest.mark.parametrize("command", [Command.UP, Command.DOWN, Command.PLAN, Command.CLASSIFY, Command.STATUS])
def test_an_explicit_command_wins_over_the_event(command):
    decided = intent(pull_event("closed", open=False), command=command)
    assert (decided.act, decided.pr_number) == (Act(command.value), 7)


def test_an_explicit_sweep_on_a_pull_request_event_is_a_sweep():
    decided = intent(pull_event("opened", head_repository="mallory/shop"), command=Command.SWEEP)
    assert (decided.act, decided.pr_number) == (Act.SWEEP, None)


def test_a_comment_knows_its_pull_request():
    event = Event(name="issue_comment", action="created", commented_pull=7)
    assert intent(event, command=Command.UP).pr_number == 7


def test_two_different_pull_requests_are_refused():
    with pytest.raises(UsageError) as caught:
        intent(pull_event("opened"), pr_number=8)
    assert "#7" in caught.value.what
    assert "#8" in caught.value.what
    assert intent(pull_event("opened"), pr_number=7).pr_number == 7


@pytest.mark.parametrize("command", [Command.UP, Command.DOWN, Command.PLAN, Command.CLASSIFY])
def test_a_command_that_needs_a_pull_request_says_so(command):
    with pytest.raises(UsageError) as caught:
        intent(Event(name="schedule"), command=command)
    assert "pr-number" in caught.value.fix


def test_status_without_a_number_is_about_all():
    decided = intent(None, command=Command.STATUS)
    assert (decided.act, decided.pr_number) == (Act.STATUS, None)


def test_without_an_event_a_command_is_needed():
    with pytest.raises(UsageError):
        intent(None)
    assert intent(None, command=Command.UP, pr_number=3).pr_number == 3


def test_the_forced_tier_is_passed_on():
    assert intent(pull_event("opened"), tier=Tier.FULL).forced_tier is Tier.FULL


AT = datetime(2026, 11, 25, 11, 32, tzinfo=UTC)


def comment_event(body, *, action="created", person=True, edited=False, **changes):
    return Event(
        name="issue_comment",
        action=action,
        repository=REPOSITORY,
        actor="ada",
        commented_pull=7,
        comment=Comment(body=body, by="ada", at=AT, person=person, edited=edited),
        pull=structs.replace(PULL, **changes),
    )


def test_a_comment_asks_for_a_tier_and_its_author_answers_for_it():
    decided = intent(comment_event("/eod tier none"))
    assert (decided.act, decided.pr_number, decided.commander) == (Act.UP, 7, "ada")
    assert (decided.wish.how, decided.wish.by, decided.wish.at) == (How.COMMENT, "ada", AT)
    assert decided.wish.tier is Tier.NONE
    assert intent(comment_event("/eod tier auto")).wish.tier is None


def test_a_comment_asks_for_more_than_tiers():
    assert (intent(comment_event("/eod up")).act, intent(comment_event("/eod up")).wish) == (Act.UP, None)
    assert intent(comment_event("/eod down")).act is Act.DOWN


@pytest.mark.parametrize(
    ("body", "changes", "word"),
    [("/eod tier huge", {}, "`huge`"), ("/eod", {}, "/eod up"), ("/eod up", {"open": False}, "closed")],
)
def test_a_comment_that_cannot_be_followed_is_answered(body, changes, word):
    decided = intent(comment_event(body, **changes))
    assert (decided.act, decided.commander) == (Act.REPLY, "ada")
    assert word in decided.reply


@pytest.mark.parametrize(
    "event",
    [
        comment_event("Looks good"),
        comment_event("/eod up", action="edited"),
        comment_event("/eod up", action="deleted"),
        comment_event("/eod up", edited=True),
        comment_event("/eod up", person=False),
    ],
)
def test_comments_of_bots_and_edited_ones_ask_for_nothing(event):
    assert intent(event).act is Act.NONE


@pytest.mark.parametrize("changes", [{"head_repository": "mallory/shop"}, {"head_repository": None}])
def test_a_comment_gives_no_fork_an_environment(changes):
    assert intent(comment_event("/eod up", **changes)).act is Act.CLASSIFY
    decided = intent(comment_event("/eod tier full", **changes))
    assert (decided.act, decided.commander) == (Act.CLASSIFY, "ada")
    assert intent(comment_event("/eod down", **changes)).act is Act.NONE


def test_who_put_the_label_just_now_is_known():
    decided = intent(pull_event("labeled", label="eod/tier: none", updated_at=AT))
    assert (decided.wish.how, decided.wish.by, decided.wish.label) == (How.LABEL, "octocat", "eod/tier: none")
    assert decided.wish.at == AT
    assert intent(pull_event("unlabeled", label="eod/tier: none")).wish is None
