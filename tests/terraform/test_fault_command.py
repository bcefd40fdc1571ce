import json

import pytest
from click.testing import CliRunner

from eod.cli.commands import cli
from eod.errors import ConfigError, UsageError

THROTTLED = "Error: creating it: Throttling: Rate exceeded"


def ask(*arguments, message=THROTTLED):
    return CliRunner().invoke(cli, ["fault", *arguments], input=message)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_answer_as_json_has_four_words():
    answer = json.loads(ask("--json").stdout)
    assert set(answer) == {"class", "rule", "action", "reason"}
    assert (answer["class"], answer["rule"]) == ("transient", "throttled")
    assert answer["action"].startswith("retry: up to 2 times, 90 s apart at first, with half the parallelism.")


@pytest.mark.parametrize(
    ("message", "verb"),
    [
        ("Error: Saved plan is stale", "replan"),
        ("Error: x already exists", "adopt"),
        ("Error: Failed to save state", "recover"),
        ("Error: AccessDenied", "stop"),
        ('Error: "x" has no deployed releases', "unblock"),
        ("Error: Error acquiring the state lock: x\nLock Info:\n  ID: 1", "wait"),
        ("Error: read: connection reset by peer", "retry"),
        ("Error: who knows", "stop"),
    ],
)
def test_the_action_begins_with_one_word(message, verb):
    action = json.loads(ask("--json", message=message).stdout)["action"]
    assert action.startswith(f"{verb}: ")


def test_operation_and_type_may_be_given():
    message = "timeout while waiting for resource to be gone"
    given = ask("--operation", "destroy", "--type", "aws_subnet", message=message)
    assert given.stdout.startswith("class   transient\n")
    assert ask("--operation", "aply").exit_code == 2


def test_an_answer_for_people_cannot_move_their_cursor():
    shown = ask(message="Error: \x1b]0;title\x07 who knows \x1b[2J").stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "terraform:\n" in shown


def test_rules_of_ones_own_are_asked_first(elsewhere):
    (elsewhere / ".github").mkdir()
    (elsewhere / ".github/eod.yml").write_text(
        "domain: a.example\nterraform:\n  directory: x\n  faults:\n"
        "    - {pattern: Rate exceeded, class: permanent, reason: Ours.}\n"
    )
    answer = json.loads(ask("--json").stdout)
    assert (answer["class"], answer["reason"]) == ("permanent", "Ours.")
    assert answer["rule"] == ".github/eod.yml: terraform.faults[0]"


def test_a_bad_rule_names_its_line(elsewhere):
    (elsewhere / "other.yml").write_text(
        "domain: a.example\nterraform:\n  directory: x\n  faults:\n"
        "    - {pattern: '(a', class: permanent, reason: x}\n"
    )
    error = ask("--config", "other.yml").exception
    assert isinstance(error, ConfigError)
    assert "other.yml:5" in str(error)


@pytest.mark.parametrize("message", ["", " \n"])
def test_no_message_is_a_mistake(message):
    assert isinstance(ask(message=message).exception, UsageError)


def test_bytes_that_are_no_text_and_endless_messages_are_read():
    assert ask(message=b"Error: \xff\xfe Throttling: Rate exceeded " + b"x" * 10_000_000).exit_code == 0


HUGE = 50_000_000
DENIED = "Error: creating it: AccessDenied: no\n"


def test_a_log_is_judged_by_its_last_lines_however_long_it_is():
    log = b"a line of the plan\n" * (HUGE // 19) + DENIED.encode()
    answer = json.loads(ask("--json", message=log).stdout)
    assert (answer["class"], answer["rule"]) == ("permanent", "denied")


@pytest.mark.parametrize(
    "message",
    [
        bytes(range(256)) * 200_000,
        b"y" * HUGE,
        THROTTLED.encode("utf-16"),
        b"Fehler: Die Datei wurde nicht gefunden",
        "\u9519\u8bef\uff1a\u6743\u9650\u4e0d\u8db3".encode(),
        b"\x00",
    ],
    ids=["binary", "one line", "another encoding", "german", "chinese", "zero"],
)
def test_what_is_no_message_of_terraform_is_never_tried_again(message):
    result = ask("--json", message=message)
    assert result.exit_code == 0
    assert len(result.stdout) < 5_000
    answer = json.loads(result.stdout)
    assert (answer["class"], answer["rule"]) == ("permanent", "unknown")


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_ends_of_lines_do_not_matter(end):
    lines = ["│ Error: creating it: Throttling: Rate exceeded", "│", "│   with aws_vpc.main,"]
    answer = json.loads(ask("--json", message=(end or "\n").join(lines) + end).stdout)
    assert answer["rule"] == "throttled"
