import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.chatops import Command, Order, parse_command
from eod.model.tier import Tier


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/eod tier none", Command(tier=Tier.NONE)),
        ("  /EOD   Tier\tFULL  ", Command(tier=Tier.FULL)),
        ("/eod tier lightweight\r\nsince only the texts change", Command(tier=Tier.LIGHTWEIGHT)),
        ("/eod tier auto", Command()),
        ("/eod up", Command(order=Order.UP)),
        ("/eod down\n\n/eod up", Command(order=Order.DOWN)),
    ],
)
def test_what_is_a_command(body, command):
    assert parse_command(body) == command


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n/eod up",
        "Try /eod up",
        "> /eod tier none",
        "/eodtier none",
        "`/eod up`",
        "/eod-up",
        "<!-- x -->\n/eod up",
    ],
)
def test_what_is_no_command(body):
    assert parse_command(body) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("/eod tier huge", ["no tier `huge`", "`lightweight`", "`auto`"]),
        ("/eod tier", ["takes one tier", "`full`"]),
        ("/eod tier none please", ["takes one tier"]),
        ("/eod", ["`/eod tier NAME`", "`/eod down`"]),
        ("/eod up now", ["no command of ours"]),
        ("/eod destroy everything", ["no command of ours"]),
    ],
)
def test_what_cannot_be_followed_says_what_there_is(body, words):
    command = parse_command(body)
    assert command is not None
    for word in words:
        assert word in command.problem


@given(st.text() | st.text().map(lambda text: f"/eod {text}") | st.text().map(lambda text: f"/eod tier {text}"))
def test_whatever_a_comment_holds_it_is_read_and_quoted_shortly(body):
    command = parse_command(body)
    assert command is None or len(command.problem) < 300
