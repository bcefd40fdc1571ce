import pytest
from msgspec import structs

from eod.reports.log import changes, closing
from tests.reports import samples


def test_steps_are_told_when_they_begin_and_when_they_end():
    assert changes(None, samples.FIRST_SECONDS) == ["… Choose the tier"]
    assert changes(samples.FIRST_SECONDS, samples.STARTING) == [
        "✓ Choose the tier (1 s): full",
        "  tier full: services/payment/app.py: payment code (and 1 more file)",
    ]
    assert changes(samples.STARTING, samples.STARTING) == []


def test_slow_resources_are_told_with_their_hint():
    lines = changes(samples.PLANNING, structs.replace(samples.APPLYING, progress=()))
    assert "✓ Terraform plan (27 s): 13 to add, 0 to change, 0 to destroy" in lines
    assert any("Managed database" in line and "Share one cluster" in line for line in lines)


def test_resources_are_told_when_they_begin_and_end_and_once_a_minute():
    one = samples.PROGRESS[3]

    def at(state, seconds):
        return structs.replace(
            samples.APPLYING, progress=(structs.replace(one, state=state, elapsed_seconds=seconds),)
        )

    name = one.address
    before = structs.replace(samples.APPLYING, progress=())
    assert changes(before, at("started", 0)) == [f"  creating {name}"]
    assert changes(at("started", 0), at("progress", 10)) == []
    assert changes(at("progress", 50), at("progress", 60)) == [f"  still creating {name} (1 min)"]
    assert changes(at("progress", 60), at("complete", 75)) == [f"  created {name} (1 min 15 s)"]
    assert changes(at("complete", 75), at("complete", 75)) == []
    assert changes(at("progress", 60), at("errored", 75)) == [f"  failed: {name}"]


def test_why_a_resource_failed_is_told_when_it_is_known():
    failed = structs.replace(samples.PROGRESS[3], state="errored", message="")
    explained = structs.replace(failed, message="AccessDenied: no")
    silent, told = (structs.replace(samples.APPLYING, progress=(one,)) for one in (failed, explained))
    assert changes(silent, told) == [f"  failed: {failed.address}: AccessDenied: no"]
    assert changes(told, told) == []
    assert changes(silent, silent) == []


def test_argo_cds_words_are_passed_on_when_they_change():
    lines = changes(samples.APPLYING, samples.SYNCING)
    assert lines[-1] == "  Argo CD: progressing: 2 of 3 replicas of Deployment web are available"
    assert changes(samples.SYNCING, samples.SYNCING) == []


def test_a_forced_tier():
    forced = structs.replace(samples.VERDICT, forced_by="eod/tier: full")
    lines = changes(samples.FIRST_SECONDS, structs.replace(samples.STARTING, verdict=forced))
    assert lines[-1] == "  tier full, forced by eod/tier: full"


def test_skipped_steps_say_why():
    assert "\u2013 Drain load balancers (1 s): none left" in changes(None, samples.DESTROYING)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "ready",
            "https://pr-123.acme.dev/ is ready after 12 min 40 s, about $50 a day, until 24 Nov 2026, 11:18 UTC.",
        ),
        ("destroyed", "pr-123 is gone after 6 min 13 s: 8 things removed, nothing left."),
        ("failed", "pr-123: failed after 6 min."),
        ("none", "pr-123: no environment after 2 s."),
    ],
)
def test_the_last_line(name, expected):
    assert closing(samples.SITUATIONS[name], samples.at(20)) == [expected]
