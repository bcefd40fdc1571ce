from datetime import timedelta

import pytest
from msgspec import structs

from eod.config import Rule
from eod.errors import GitHubError
from eod.lifecycle.overruling import may_command
from eod.lifecycle.rooms import Until, UpRequest
from eod.lifecycle.up import up
from eod.model.people import Comment, LabelPut, Role, TierWish
from eod.model.tier import How, Tier
from tests.lifecycle.builders import NOW, pull, record
from tests.lifecycle.inmemory import WITHOUT_TERRAFORM, in_memory_rooms

FULL = structs.replace(WITHOUT_TERRAFORM, rules=(Rule(paths=("app/shop.py",), tier=Tier.FULL),))
NONE = "eod/tier: none"
BOT = LabelPut(by="github-actions[bot]", at=NOW, person=False)


def rooms_with(*labels, config=FULL, records=(), **changes):
    rooms = in_memory_rooms(config, pulls=[pull(labels=labels, **changes)], records=records)
    rooms.roles = {"ada": Role.MAINTAIN, "bob": Role.WRITE}
    return rooms


def put_by(login, **changes):
    return LabelPut(**{"by": login, "at": NOW, "person": True, **changes})


def said_by(login, body="/eod tier none", **changes):
    return Comment(**{"body": body, "by": login, "at": NOW - timedelta(minutes=1), **changes})


def wish(login, tier=Tier.NONE):
    return TierWish(how=How.COMMENT, by=login, at=NOW, tier=tier)


def decide(rooms, **request):
    return up(rooms, UpRequest(pr_number=7, **request))


def never_asked(rooms):
    return not any(rooms.calls[name] for name in ("role_of", "label_put", "comments", "relabel"))


def fail(what="GitHub answered with 502."):
    def hook():
        raise GitHubError(what)

    return hook


def test_whoever_has_the_permission_lowers_full_and_it_is_kept_who_and_when():
    rooms = rooms_with(NONE)
    rooms.puts[NONE] = put_by("ada")
    outcome = decide(rooms)
    overrule = outcome.verdict.overrule
    assert outcome.verdict.tier is Tier.NONE
    assert (overrule.by, overrule.at, overrule.how, overrule.found) == ("ada", NOW, How.LABEL, Tier.FULL)
    assert rooms.kept == {}


@pytest.mark.parametrize(
    ("put", "words"),
    [
        (put_by("bob"), "`@bob` has `write`"),
        (put_by("stranger"), "`@stranger` has `none`"),
        (put_by("labeler[bot]", person=False), "`labeler[bot]` is no person"),
        (None, "does not tell who"),
    ],
)
def test_whoever_has_not_changes_nothing_and_the_comment_says_so(put, words):
    rooms = rooms_with(NONE)
    rooms.puts[NONE] = put
    outcome = decide(rooms)
    assert (outcome.verdict.tier, outcome.verdict.forced_by) == (Tier.FULL, None)
    assert any(words in notice and f"The label `{NONE}` has no effect" in notice for notice in outcome.notices)
    assert rooms.kept["pr-7"].tier is Tier.FULL
    assert rooms.kept["pr-7"].overrule is None


@pytest.mark.parametrize("question", ["label_put", "role_of"])
def test_where_github_cannot_be_asked_the_verdict_stands(question):
    rooms = rooms_with(NONE)
    rooms.puts[NONE] = put_by("ada")
    rooms.before[question] = fail()
    outcome = decide(rooms)
    assert outcome.verdict.tier is Tier.FULL
    assert any("GitHub could not be asked (GitHub answered with 502)" in notice for notice in outcome.notices)


def test_of_two_labels_the_stricter_counts_and_its_person_answers():
    rooms = rooms_with(NONE, "eod/tier: database")
    rooms.puts = {NONE: put_by("bob"), "eod/tier: database": put_by("ada")}
    outcome = decide(rooms)
    assert outcome.verdict.tier is Tier.DATABASE
    assert outcome.verdict.overrule.name == "eod/tier: database"
    assert any("contradict" in note for note in outcome.verdict.notes)


@pytest.mark.parametrize(
    ("labels", "config", "tier"),
    [
        ((), FULL, Tier.FULL),
        (("eod/tier: full",), FULL, Tier.FULL),
        (("eod/tier: full",), WITHOUT_TERRAFORM, Tier.FULL),
        ((NONE,), WITHOUT_TERRAFORM, Tier.NONE),
    ],
)
def test_nobody_is_asked_about_where_nothing_is_lowered_from_full(labels, config, tier):
    rooms = rooms_with(*labels, config=config)
    assert decide(rooms, until=Until.CLASSIFIED).verdict.tier is tier
    assert never_asked(rooms)


def test_who_labelled_just_now_is_kept_without_a_question_and_remembered_by_the_next_push():
    rooms = rooms_with("eod/tier: full", config=WITHOUT_TERRAFORM)
    labelled = TierWish(how=How.LABEL, by="bob", at=NOW, label="eod/tier: full")
    decide(rooms, wish=labelled)
    assert (rooms.kept["pr-7"].overrule.by, rooms.kept["pr-7"].overrule.found) == ("bob", Tier.LIGHTWEIGHT)
    outcome = decide(rooms)
    assert (outcome.verdict.overrule.by, outcome.verdict.overrule.at) == ("bob", NOW)
    assert rooms.kept["pr-7"].overrule.by == "bob"
    assert never_asked(rooms)


def test_a_comment_becomes_a_label_and_the_next_push_honours_it():
    rooms = rooms_with("eod/tier: full", "bug")
    outcome = decide(rooms, wish=wish("ada", Tier.LIGHTWEIGHT))
    assert rooms.pulls[7].labels == ("bug", "eod/tier: lightweight")
    assert (outcome.verdict.tier, outcome.verdict.overrule.how) == (Tier.LIGHTWEIGHT, How.COMMENT)
    assert rooms.kept["pr-7"].overrule.by == "ada"
    rooms.written = [said_by("ada", "/eod tier lightweight"), said_by("ada", "/eod tier full")]
    outcome = decide(rooms)
    assert (outcome.verdict.tier, outcome.verdict.overrule.by) == (Tier.LIGHTWEIGHT, "ada")


def test_auto_takes_it_back():
    rooms = rooms_with(NONE, "bug")
    outcome = decide(rooms, wish=wish("bob", None))
    assert rooms.pulls[7].labels == ("bug",)
    assert (outcome.verdict.tier, outcome.verdict.overrule) == (Tier.FULL, None)


def test_a_comment_without_the_permission_changes_no_label_and_an_older_overrule_stands():
    rooms = rooms_with("eod/tier: database")
    rooms.puts["eod/tier: database"] = put_by("ada")
    outcome = decide(rooms, wish=wish("bob"))
    assert outcome.verdict.tier is Tier.DATABASE
    assert rooms.pulls[7].labels == ("eod/tier: database",)
    (notice,) = outcome.notices
    assert "The comment has no effect" in notice
    assert "`@bob` has `write`" in notice


def test_a_maintainers_comment_counts_where_somebody_elses_label_was_there_before():
    rooms = rooms_with(NONE)
    rooms.puts[NONE] = put_by("bob")
    assert decide(rooms, wish=wish("ada")).verdict.tier is Tier.NONE
    rooms.written = [said_by("ada")]
    assert decide(rooms).verdict.tier is Tier.NONE


def test_a_comment_that_was_fine_does_not_lower_what_a_later_push_brings():
    rooms = rooms_with(config=WITHOUT_TERRAFORM)
    assert decide(rooms, wish=wish("bob")).verdict.tier is Tier.NONE
    rooms.config, rooms.written = FULL, [said_by("bob")]
    outcome = decide(rooms)
    assert outcome.verdict.tier is Tier.FULL
    assert any("`@bob` has `write`" in notice for notice in outcome.notices)


@pytest.mark.parametrize(
    "written",
    [
        [],
        [said_by("ada", edited=True)],
        [said_by("ada", person=False)],
        [said_by("ada", at=NOW + timedelta(minutes=1))],
        [said_by("ada", "/eod tier full"), said_by("ada")],
        [said_by("ada", "/eod tier auto"), said_by("ada")],
        [said_by("ada", "please: /eod tier none")],
        [said_by("stranger")],
    ],
)
def test_a_bots_label_needs_a_command_behind_it(written):
    rooms = rooms_with(NONE)
    rooms.puts[NONE], rooms.written = BOT, written
    outcome = decide(rooms)
    assert outcome.verdict.tier is Tier.FULL
    assert any("is no person" in notice for notice in outcome.notices)


def test_what_strangers_say_in_between_does_not_matter():
    rooms = rooms_with(NONE)
    rooms.puts[NONE] = BOT
    rooms.written = [said_by("stranger", "/eod tier full"), said_by("bob", "/eod up"), said_by("ada")]
    assert decide(rooms).verdict.overrule.by == "ada"


def test_a_label_that_cannot_be_put_is_said_and_the_comment_counts_for_this_run():
    rooms = rooms_with()
    rooms.before["relabel"] = fail("GitHub refused to label #7.")
    outcome = decide(rooms, wish=wish("ada", Tier.LIGHTWEIGHT))
    assert outcome.verdict.tier is Tier.LIGHTWEIGHT
    assert any("counts for this run only" in notice for notice in outcome.notices)


def test_an_input_is_the_word_of_whoever_started_the_run():
    rooms = rooms_with()
    outcome = decide(rooms, forced_tier=Tier.LIGHTWEIGHT, asked_by="ada")
    overrule = outcome.verdict.overrule
    assert (overrule.how, overrule.by, overrule.name) == (How.INPUT, "ada", "input tier")
    refused = decide(rooms_with(), forced_tier=Tier.LIGHTWEIGHT, asked_by="bob")
    assert refused.verdict.tier is Tier.FULL
    assert any("The input `tier` has no effect" in notice for notice in refused.notices)


def test_on_a_terminal_it_is_the_tokens_owner():
    rooms = rooms_with()
    rooms.login = "ada"
    assert decide(rooms, forced_tier=Tier.NONE).verdict.overrule.by == "ada"
    rooms.login = ""
    assert decide(rooms, forced_tier=Tier.NONE).verdict.tier is Tier.FULL


def test_a_workflows_own_run_is_no_person():
    outcome = decide(rooms_with(), forced_tier=Tier.NONE, asked_by="renovate[bot]")
    assert any("`renovate[bot]` is no person" in notice for notice in outcome.notices)


def test_none_on_an_environment_that_is_left_alone_is_written_down_too():
    rooms = rooms_with(NONE, records=[record()])
    rooms.puts[NONE] = put_by("ada")
    decide(rooms)
    kept = rooms.kept["pr-7"]
    assert (kept.tier, kept.overrule.tier, kept.overrule.by) == (Tier.FULL, Tier.NONE, "ada")
    assert kept.phase is record().phase


def test_only_who_may_write_gives_commands():
    rooms = rooms_with()
    assert may_command(rooms, "bob")
    assert not may_command(rooms, "stranger")
    rooms.before["role_of"] = fail()
    assert not may_command(rooms, "ada")
    assert any("stranger is not followed" in line for line in rooms.said)
    assert any("GitHub could not be asked" in line for line in rooms.said)
