import json

import pytest

pytestmark = [pytest.mark.network, pytest.mark.process]
TYPO = {"app/shop.py": "GREETING = 'Hello'\n"}


def namespaces(world):
    return [name for name in world.cluster_namespaces() if name.startswith("pr-")]


def test_a_change_of_documentation_gets_a_verdict_and_nothing_else(world):
    number = world.open({"docs/index.md": "# The shop\n"})
    assert world.event(number, "opened") == 0
    assert world.outputs["tier"] == "none"
    assert world.outputs["phase"] == ""
    assert world.outputs["url"] == ""
    assert namespaces(world) == []
    assert world.record() == ""


def test_a_fork_gets_a_verdict_and_a_comment_and_no_environment(world):
    fork = world.repository.fork("mallory")
    fork.push("evil", TYPO, message="A change", base="main")
    number = world.repository.open_pull("evil", title="A change", fork=fork)
    assert world.event(number, "opened") == 0
    assert world.outputs["tier"] == "lightweight"
    assert namespaces(world) == []
    assert world.record() == ""
    (comment,) = world.repository.comments(number)
    assert "fork" in comment["body"]


def test_a_label_forces_the_tier_and_the_verdict_says_so(world):
    number = world.open(TYPO, labels=("eod/tier: frontend",))
    assert world.event(number, "opened") == 0
    verdict = json.loads(world.outputs["verdict-json"])
    assert world.outputs["tier"] == "frontend"
    assert "eod/tier: frontend" in verdict["forced_by"]


def test_the_skip_label_takes_the_environment_down(world):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    assert namespaces(world) == ["pr-1"]
    world.repository.label(number, "eod/skip")
    assert world.act("pull_request", world.repository.event_payload(number, "labeled", label="eod/skip")) == 0
    assert namespaces(world) == []
    assert world.record() == ""


def test_a_run_that_was_queued_behind_a_newer_push_leaves_the_work_to_it(world):
    number = world.open(TYPO)
    queued = world.job_of(number, "opened")
    world.repository.push("change", {"app/shop.py": "GREETING = 'Hi'\n"}, message="Newer")
    newer = world.job_of(number, "synchronize")
    assert queued.run() == 0
    assert namespaces(world) == []
    assert newer.run() == 0
    assert namespaces(world) == ["pr-1"]


def test_a_push_that_starts_no_run_is_brought_up_by_the_run_that_was_queued(world, capfd):
    number = world.open(TYPO)
    queued = world.job_of(number, "opened")
    head = world.repository.push("change", {"app/shop.py": "GREETING = 'Hi'\n"}, message="By a bot")
    assert queued.run() == 0
    assert world.record_of(number)["head_sha"] == head
    assert "started no run" in capfd.readouterr().out


def test_the_close_of_a_pull_request_that_never_had_an_environment_succeeds(world):
    number = world.open(TYPO)
    world.repository.close(number)
    assert world.event(number, "closed") == 0
    assert world.outputs["phase"] == "destroyed"


def test_a_late_event_of_a_closed_pull_request_makes_no_environment(world):
    number = world.open(TYPO)
    late = world.repository.event_payload(number, "synchronize")
    world.repository.close(number)
    assert world.act("pull_request", late) == 0
    assert namespaces(world) == []
    assert world.record() == ""


def test_the_number_of_environments_is_kept_to(world):
    world.repository.push(
        "main", {".github/eod.yml": world.config + "limits: {environments: 1}\n"}, message="Limit"
    )
    first, second = world.open(TYPO), world.open({"app/b.py": "x = 1\n"}, branch="second")
    assert world.event(first, "opened") == 0
    assert world.event(second, "opened") == 4
    assert "limits" in world.summary
    assert namespaces(world) == ["pr-1"]
