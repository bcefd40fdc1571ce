import pytest
from msgspec import structs

from eod.model.outcome import SweepAction
from eod.model.tier import Evidence, Tier
from eod.reports.redact import Redactor
from eod.reports.renderer import Renderer
from tests.reports import samples
from tests.reports.nasty import PIECES, poisoned
from tests.reports.reading import MENTION, is_well_formed, prose

MEBIBYTE = 1024 * 1024


def summary(outcome, room=MEBIBYTE):
    return Renderer().summary(outcome, outcome.finished_at or samples.at(5), room)


@pytest.mark.parametrize("name", samples.SITUATIONS)
def test_every_situation_has_a_summary(name):
    text = summary(samples.SITUATIONS[name])
    assert text.startswith("### ")
    assert "eod-action: {" not in text
    assert is_well_formed(text)


def test_it_holds_more_than_the_comment():
    verdict = structs.replace(
        samples.VERDICT,
        evidence=tuple(Evidence(path=f"f{i}.py", tier=Tier.FULL, rule="code", reason="code") for i in range(900)),
    )
    text = summary(structs.replace(samples.READY, verdict=verdict, plan_text="  + line\n" * 20_000))
    assert "`f899.py`" in text
    assert len(text) > 150_000


@pytest.mark.parametrize("room", [MEBIBYTE, 200_000, 30_000, 4_000])
def test_it_fits_the_room_that_is_left_in_bytes(room):
    outcome = structs.replace(samples.READY, plan_text="  é + line 💥\n" * 60_000)
    text = summary(outcome, room)
    assert 0 < len(text.encode()) <= room
    assert is_well_formed(text)


def test_without_room_there_is_none():
    assert summary(samples.READY, 10) == ""


def test_a_sweep_lists_what_it_did_and_why():
    text = Renderer().sweep(samples.SWEEP, MEBIBYTE)
    assert "## ❌ Sweep: 1 failure" in text
    assert "| ✓ | `pr-101` | taken down | expired | its time was over at 2026-11-22 18:00 UTC |" in text
    assert "| ✗ | `pr-99` | not taken down | closed | AWS refused: AccessDenied |" in text
    assert "Certificate of <code>pr&#45;101</code>: 8 things removed, 0 left" in text
    assert is_well_formed(text)


def test_a_dry_run_says_that_it_is_one():
    text = Renderer().sweep(structs.replace(samples.SWEEP, dry_run=True, certificates=()), MEBIBYTE)
    assert "What a sweep would do" in text
    assert "nothing was changed" in text
    assert "| `pr-101` | would be taken down |" in text


def test_a_sweep_with_nothing_to_do():
    text = Renderer().sweep(structs.replace(samples.SWEEP, actions=(), certificates=()), MEBIBYTE)
    assert "Nothing to do" in text


def test_a_stopped_sweep_says_why():
    stopped = structs.replace(samples.SWEEP, stopped="The sweep stopped: too many.\npr-1: closed", certificates=())
    text = Renderer().sweep(stopped, MEBIBYTE)
    assert "stopped before its first deletion" in text
    assert "```\nThe sweep stopped: too many.\npr-1: closed\n```" in text


@pytest.mark.parametrize("room", [MEBIBYTE, 20_000])
def test_a_large_sweep_fits(room):
    actions = tuple(
        SweepAction(action="teardown", environment=f"pr-{i}", reason="expired", detail="x" * 200)
        for i in range(800)
    )
    big = structs.replace(
        samples.SWEEP, actions=actions, certificates=samples.SWEEP.certificates * 50, notices=("n" * 100,) * 500
    )
    text = Renderer().sweep(big, room)
    assert 0 < len(text.encode()) <= room
    assert is_well_formed(text)


@pytest.mark.parametrize("text", [*PIECES, "".join(PIECES)])
def test_no_text_from_outside_becomes_markup_in_a_sweep(text):
    written = Renderer().sweep(poisoned(samples.SWEEP, text), MEBIBYTE)
    assert is_well_formed(written)
    assert not MENTION.search(prose(written))


def test_secrets_do_not_come_out():
    text = Renderer(Redactor(["acme/shop"])).sweep(samples.SWEEP, MEBIBYTE)
    assert "acme/shop" not in text
