"""Commands in comments, from GitHub's event to the environment."""

import json

import pytest

pytestmark = [pytest.mark.network, pytest.mark.process]
TYPO = {"app/shop.py": "GREETING = 'Hello'\n"}


@pytest.fixture
def shop(world):
    """Where what the application's file holds asks for everything; ada maintains, bob writes."""
    world.reconfigure(world.config + "rules: [{paths: [app/], tier: full}]\n")
    world.repository.add_collaborator("ada", "maintain")
    world.repository.add_collaborator("bob", "write")
    return world


def say(world, number, body, author, **inputs):
    comment = world.repository.comment(number, body, author=author)
    return world.act("issue_comment", world.repository.comment_payload(comment), **inputs)


def verdict(world):
    return json.loads(world.outputs["verdict-json"])


def bodies(world, number):
    return [comment["body"] for comment in world.repository.comments(number)]


def test_a_maintainers_comment_lowers_the_tier_and_the_next_push_honours_it_until_it_is_taken_back(shop):
    number = shop.open(TYPO)
    assert say(shop, number, "/eod tier none\nonly words", "ada") == 0
    assert shop.outputs["tier"] == "none"
    assert shop.repository.labels(number) == ["eod/tier: none"]
    assert shop.record() == ""
    shop.repository.push("change", {"app/shop.py": "GREETING = 'Hi'\n"}, message="Again")
    assert shop.event(number, "synchronize") == 0
    assert verdict(shop)["overrule"]["by"] == "ada"
    assert verdict(shop)["overrule"]["how"] == "comment"
    assert "`@ada` lowered it from full on" in bodies(shop, number)[-1]
    assert say(shop, number, "/eod tier auto", "bob") == 0
    assert shop.repository.labels(number) == []
    assert shop.outputs["tier"] == "full"
    assert shop.record_of(number)["tier"] == "full"


def test_a_writers_comment_changes_nothing_and_the_comment_says_why(shop):
    number = shop.open(TYPO)
    assert say(shop, number, "/eod tier none", "bob") == 0
    assert (shop.outputs["tier"], shop.outputs["phase"]) == ("full", "ready")
    assert shop.repository.labels(number) == []
    assert "lowering `full` to `none` needs a person with the permission `maintain`" in bodies(shop, number)[-1]
    assert "`@bob` has `write`" in bodies(shop, number)[-1]


def test_a_writers_label_changes_nothing_either(shop):
    number = shop.open(TYPO)
    shop.repository.label(number, "eod/tier: none", author="bob")
    payload = shop.repository.event_payload(number, "labeled", label="eod/tier: none", author="bob")
    assert shop.act("pull_request", payload) == 0
    assert shop.outputs["tier"] == "full"
    assert "The label `eod/tier: none` has no effect" in bodies(shop, number)[-1]


def test_a_stranger_commands_nothing_and_is_not_answered(shop, capfd):
    number = shop.open(TYPO)
    for body in ("/eod tier full", "/eod down", "/eod nonsense", "/eod up"):
        assert say(shop, number, body, "stranger") == 0
    assert shop.record() == ""
    assert len(bodies(shop, number)) == 4
    assert "stranger is not followed" in capfd.readouterr().out


def test_a_tier_that_does_not_exist_is_answered(shop):
    number = shop.open(TYPO)
    assert say(shop, number, "/eod tier huge", "bob") == 0
    _, answer = bodies(shop, number)
    assert answer.startswith("There is no tier `huge`; there are `none`, `lightweight`")
    assert shop.record() == ""


def test_up_and_down(shop):
    number = shop.open(TYPO)
    assert say(shop, number, "/EOD  UP", "bob") == 0
    assert shop.outputs["phase"] == "ready"
    assert say(shop, number, "/eod down", "bob") == 0
    assert shop.outputs["phase"] == "destroyed"
    assert shop.record() == ""


def test_a_closed_pull_request_is_told_so(shop):
    number = shop.open(TYPO)
    shop.repository.close(number)
    assert say(shop, number, "/eod up", "ada") == 0
    assert "is closed" in bodies(shop, number)[-1]
    assert shop.record() == ""


@pytest.mark.parametrize("inputs", [{}, {"command": "up"}])
def test_nobodys_comment_gives_a_fork_an_environment(shop, inputs):
    fork = shop.repository.fork("mallory")
    fork.push("evil", TYPO, message="A change", base="main")
    number = shop.repository.open_pull("evil", title="A change", fork=fork)
    assert say(shop, number, "/eod up", "ada", **inputs) == 0
    assert shop.outputs["tier"] == "full"
    assert shop.cluster_namespaces("pr-") == []
    assert "fork" in bodies(shop, number)[-1]


def test_a_comment_that_commands_nothing_costs_no_request(shop):
    number = shop.open(TYPO)
    before = len(list(shop.github.requests))
    assert say(shop, number, "Looks good to me.", "ada") == 0
    asked = [one.path for one in list(shop.github.requests)[before:]]
    assert [path for path in asked if "/repos/" in path] == []


def test_the_configuration_is_that_of_the_pull_requests_own_base(shop):
    shop.repository.push("release", {"docs/index.md": "# Old\n"}, message="Release", base="main")
    configuration = "overrule: {permission: write}\nrules: [{paths: [app/], tier: full}]\n"
    shop.repository.push("release", {".github/eod.yml": shop.config + configuration})
    shop.repository.push("fix", TYPO, message="A fix", base="release")
    number = shop.repository.open_pull("fix", base="release")
    assert say(shop, number, "/eod tier none", "bob") == 0
    assert shop.outputs["tier"] == "none"
