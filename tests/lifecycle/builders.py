"""Plain data for tests, with everything that a test does not care about filled in."""

from datetime import UTC, datetime, timedelta

from msgspec import structs

from eod.config import Config, Limits
from eod.model.pull import PullRequest
from eod.model.record import Phase, Record
from eod.model.tier import Tier

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CONFIG = Config(domain="preview.example.com")


def config(**limits):
    return structs.replace(CONFIG, limits=Limits(**limits))


def pull(number=7, **changes):
    blank = PullRequest(
        number=number,
        title="A change",
        url=f"https://github.com/acme/shop/pull/{number}",
        author="ada",
        open=True,
        merged=False,
        draft=False,
        head_sha="a" * 40,
        head_ref="change",
        head_repository="acme/shop",
        base_sha="b" * 40,
        base_ref="main",
    )
    return structs.replace(blank, **changes)


def record(number=7, **changes):
    blank = Record(
        environment=f"pr-{number}",
        repository="acme/shop",
        pr_number=number,
        pr_url=f"https://github.com/acme/shop/pull/{number}",
        owner="ada",
        phase=Phase.READY,
        tier=Tier.FULL,
        head_sha="a" * 40,
        namespace=f"pr-{number}",
        hostname=f"pr-{number}.preview.example.com",
        url=f"https://pr-{number}.preview.example.com/",
        created_at=NOW - timedelta(hours=10),
        updated_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(hours=14),
    )
    return structs.replace(blank, **changes)
