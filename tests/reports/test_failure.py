from eod.errors import ConfigError
from eod.reports.failure import failure_summary
from tests.reports.nasty import PIECES
from tests.reports.reading import MENTION, is_well_formed, prose


def test_an_error_before_there_was_an_outcome_has_all_its_parts():
    text = failure_summary(
        ConfigError(
            "Unknown key `domian`.", why="A typing error.", fix="Write `domain`.", where="eod.yml:3", detail="x: 1"
        )
    )
    for part in ("Unknown key", "A typing error", "domain", "eod.yml:3", "```\nx: 1\n```"):
        assert part in text


def test_nothing_in_it_becomes_markup():
    text = "".join(PIECES)
    written = failure_summary(ConfigError(text, why=text, fix=text, where=text, detail=text))
    assert is_well_formed(written)
    assert not MENTION.search(prose(written))
    assert failure_summary(ConfigError("only this")).endswith("**only this**\n")
