import json

import pytest

from demo.actlog import Heard


@pytest.fixture
def told():
    return []


@pytest.fixture
def heard(told):
    return Heard(told.append)


def say(heard, **said):
    heard.line(json.dumps(said) + "\n")


def test_what_the_job_prints_is_told_and_kept(heard, told):
    say(heard, raw_output=True, msg="✓ Terraform plan\n", stepID=["eod", "run"])
    assert told == heard.log == ["✓ Terraform plan"]


def test_annotations_are_told_with_all_their_lines(heard, told):
    say(heard, command="error", arg="It failed.\nfix: Try again.", stepID=["eod", "run"])
    assert told == ["error: It failed.", "fix: Try again."]


def test_acts_own_lines_are_not_the_jobs(heard, told):
    say(heard, msg="LocalRepositoryCache matched", stage="Pre", stepID=["eod"])
    say(heard, msg="⭐ Run Main Environment on demand", stage="Main", stepID=["eod"])
    assert told == []
    assert heard.log == ["⭐ Run Main Environment on demand"]


def test_only_outputs_of_the_workflows_own_steps_count(heard):
    say(heard, command="set-output", name="python", arg="/usr/bin/python", stepID=["eod", "setup"])
    say(heard, command="set-output", name="tier", arg="full", stepID=["eod"])
    assert heard.outputs == {"tier": "full"}


def test_a_summary_that_act_tells_twice_is_one(heard):
    say(heard, command="summary", content="### Ready", stepID=["eod", "run"])
    say(heard, command="summary", content="### Ready", stepID=["eod"])
    say(heard, command="summary", content="### Drained", stepID=["eod", "drain"])
    assert heard.summary == "### Ready\n### Drained"


@pytest.mark.parametrize("line", ["leash: the program had left git\n", "[1, 2]\n", '"text"\n', "{broken\n"])
def test_whatever_is_no_message_breaks_nothing(heard, told, line):
    heard.line(line)
    assert told == []


def test_lines_that_are_no_json_are_kept(heard):
    heard.line("leash: the program had left git\n")
    assert heard.log == ["leash: the program had left git"]
