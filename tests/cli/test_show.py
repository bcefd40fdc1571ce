from datetime import UTC, datetime

from msgspec import structs

from eod.cli.show import record_text
from eod.model.tier import How, Overrule, Tier
from tests.reports.samples import RECORD


def test_a_status_says_who_overruled_and_when():
    overrule = Overrule(
        tier=Tier.DATABASE,
        found=Tier.FULL,
        how=How.LABEL,
        name="eod/tier: \x1b[2Jdatabase",
        by="ada",
        at=datetime(2026, 11, 25, 11, 32, tzinfo=UTC),
    )
    text = record_text(structs.replace(RECORD, overrule=overrule))
    assert "overruled     @ada lowered it from full on 25 Nov 2026, 11:32 UTC by the label eod/tier: " in text
    assert "\x1b" not in text
    assert "overruled" not in record_text(RECORD)
