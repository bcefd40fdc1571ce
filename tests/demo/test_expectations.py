import pytest

from demo.cast import CAST
from demo.expectations import expectations
from demo.takes import Comment
from standins.github import Exchange
from tests.demo.conftest import evidence

TOKEN = "ghs_0123456789"
WHY = evidence(CAST[2])


def failures(takes, trail, exchanges=(), secrets=(TOKEN,)):
    found = expectations(CAST, takes, trail, list(exchanges), secrets)
    return [finding.what for finding in found if not finding.ok]


def replaced(takes, take):
    return [take if one.name == take.name else one for one in takes]


def test_a_story_that_went_as_it_should_has_no_fault(takes, trail):
    assert failures(takes, trail) == []


@pytest.mark.parametrize(
    ("outputs", "fault"),
    [
        ({"tier": "full"}, "#121 gets tier lightweight"),
        ({"phase": "failed"}, "#121 answers"),
        ({"url": ""}, "#121 answers"),
        ({"plan-summary": "1 to add"}, "#121 needs no Terraform"),
    ],
)
def test_outputs_that_are_not_as_expected(takes, trail, make_take, outputs, fault):
    assert failures(replaced(takes, make_take(121, "121-opened", outputs=outputs)), trail) == [fault]


@pytest.mark.parametrize("body", ["", "Why tier full", "| `app/payments/charge.py` |"])
def test_a_comment_that_does_not_say_why(takes, trail, make_take, body):
    silent = make_take(123, "123-opened", comments=(Comment(id=123, body=body),))
    assert failures(replaced(takes, silent), trail) == ["#123's comment says why, file by file"]


@pytest.mark.parametrize("after", [(), ("preview-shop-pr-122 cluster-B",)])
def test_a_database_that_was_lost_or_rebuilt(takes, trail, make_take, after):
    rebuilt = make_take(122, "122-pushed", databases=after)
    assert failures(replaced(takes, rebuilt), trail) == ["#122 keeps its database when it is pushed to"]


def test_a_database_that_was_never_there(takes, trail, make_take):
    missing = make_take(123, "123-opened", databases=())
    assert failures(replaced(takes, missing), trail) == ["#123 has a database of its own"]


def test_a_second_comment(takes, trail, make_take):
    two = make_take(122, "122-pushed", comments=(Comment(id=122, body=""), Comment(id=9, body="")))
    assert failures(replaced(takes, two), trail) == ["#122 has one comment, edited in place"]


@pytest.mark.parametrize(
    "certificate",
    [
        "",
        '{"removed": [], "remaining": [], "checks": []}',
        '{"removed": [1], "remaining": [2], "checks": []}',
        '{"removed": [1], "remaining": [], "checks": [{"name": "namespace", "ok": false}]}',
    ],
)
def test_a_certificate_that_proves_nothing(takes, trail, make_take, certificate):
    bad = make_take(123, "123-closed", workflow="on-close.yml", outputs={"certificate": certificate})
    assert failures(replaced(takes, bad), trail) == ["#123 ends with a certificate"]


def test_a_sweep_that_takes_more_than_what_is_over(takes, trail, make_take):
    greedy = make_take(121, "sweep", workflow="sweep.yml", log=["pr-122: orphaned: no record"])
    assert failures(replaced(takes, greedy), trail) == ["the sweep leaves the others alone"]


def test_a_transition_without_a_commit(takes, trail):
    short = "".join(line for line in trail.splitlines(keepends=True) if "pr-123: ready" not in line)
    assert failures(takes, short) == ["#123's transitions are commits"]


def test_a_route_that_github_does_not_have(takes, trail):
    asked = Exchange(method="GET", path="/repos/acme/shop/wishes", status=404, known=False)
    assert failures(takes, trail, [asked]) == ["GitHub was asked only what it answers"]


def test_a_missing_permission(takes, trail):
    refused = Exchange(method="POST", path="/repos/acme/shop/deployments", status=403)
    by_design = Exchange(method="DELETE", path="/repos/acme/shop/environments/preview%2Fpr-1", status=403)
    assert failures(takes, trail, [by_design]) == []
    assert failures(takes, trail, [refused]) == ["GitHub refused nothing"]


@pytest.mark.parametrize(
    "shown",
    [
        {"log": [f"token={TOKEN}"]},
        {"record": TOKEN},
        {"comments": (Comment(id=123, body=WHY + TOKEN),)},
        {"outputs": {"verdict-json": TOKEN}},
    ],
)
def test_a_token_that_is_shown(takes, trail, make_take, shown):
    leaky = make_take(123, "123-opened", **shown)
    assert failures(replaced(takes, leaky), trail) == ["no token is in any log, comment, output or record"]


def test_a_part_of_which_nothing_happened_is_for_the_troubles(takes, trail):
    assert failures([take for take in takes if take.number != 123], trail) == []
