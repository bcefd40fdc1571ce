from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec import structs

from eod.model.tier import How, Overrule, Tier
from eod.reports.wording import clock_time, count, duration, minutes_range, moment, money, overruled


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "under 1 s"),
        (0.4, "under 1 s"),
        (12.4, "12 s"),
        (60, "1 min"),
        (250, "4 min 10 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (170_000, "47 h 13 min"),
        (187_200, "2 days 4 h"),
    ],
)
def test_durations(seconds, expected):
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("dollars", "expected"), [(0, "$0"), (9.6, "$9.60"), (9, "$9"), (16.4, "$16"), (1234.5, "$1,234")]
)
def test_money(dollars, expected):
    assert money(dollars) == expected


def test_ranges():
    assert minutes_range(10, 15) == "10\u201315 min"
    assert minutes_range(20, 20) == "about 20 min"
    assert minutes_range(0, 1) == "under 1 min"


def test_times_are_told_in_utc():
    tokyo = datetime(2026, 11, 24, 20, 32, 5, tzinfo=timezone(timedelta(hours=9)))
    assert moment(tokyo) == "24 Nov 2026, 11:32 UTC"
    assert clock_time(tokyo) == "11:32:05 UTC"
    assert moment(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2 Jan 2026, 03:04 UTC"


def test_counts():
    assert count(1, "file") == "1 file"
    assert count(2950, "file") == "2,950 files"
    assert count(0, "entry", "entries") == "0 entries"


OVERRULE = Overrule(
    tier=Tier.NONE,
    found=Tier.FULL,
    how=How.LABEL,
    name="eod/tier: none",
    by="ada",
    at=datetime(2026, 11, 25, 11, 32, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "@ada lowered it from full on 25 Nov 2026, 11:32 UTC by the label eod/tier: none"),
        ({"by": "", "at": None}, "lowered from full by the label eod/tier: none"),
        (
            {"how": How.COMMENT},
            "@ada lowered it from full on 25 Nov 2026, 11:32 UTC by a comment, with the label eod/tier: none",
        ),
        (
            {"how": How.INPUT, "name": "input tier", "at": None, "tier": Tier.FULL, "found": Tier.DATABASE},
            "@ada raised it from database by the input tier",
        ),
        ({"tier": Tier.FULL, "at": None}, "@ada kept it at full by the label eod/tier: none"),
    ],
)
def test_who_overruled(changes, expected):
    assert overruled(structs.replace(OVERRULE, **changes)) == expected
