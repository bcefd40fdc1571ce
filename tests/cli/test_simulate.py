import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from eod.cli import cli, run
from eod.cli.replaying import Memory
from eod.cli.simulate import age
from eod.errors import UsageError
from eod.model.history import Judged
from eod.model.tier import Tier

pytestmark = pytest.mark.process


@pytest.fixture
def asked(repository, tmp_path):
    repository.commit({"README.md": "1\n"}, "First")
    repository.commit({"README.md": "2\n"}, "Words (#1)")
    repository.commit({"src/payment.py": "a = 1\n"}, "Pay (#2)")
    repository.commit({"src/app.py": "a = 1\n"}, "Code (#3)")
    return ["simulate", "--repo", str(repository.path), "--jobs", "1", "--cache", str(tmp_path / "cache")]


def simulated(arguments):
    result = CliRunner().invoke(cli, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_history_is_replayed_and_the_second_time_remembered(asked, tmp_path):
    document = simulated(asked)
    assert {one["tier"]: one["changes"] for one in document["tiers"] if one["changes"]} == {
        "none": 1,
        "lightweight": 1,
        "full": 1,
    }
    (cache,) = (tmp_path / "cache").iterdir()
    before = cache.read_bytes()
    assert simulated(asked)["tiers"] == document["tiers"]
    assert cache.read_bytes() == before


def test_an_interrupted_run_goes_on_where_it_stopped(asked, tmp_path):
    document = simulated(asked)
    (cache,) = (tmp_path / "cache").iterdir()
    lines = cache.read_bytes().splitlines(keepends=True)
    cache.write_bytes(lines[0] + lines[1][:20])
    assert simulated(asked)["tiers"] == document["tiers"]


def test_another_configuration_tells_what_it_moves(asked, tmp_path):
    other = tmp_path / "other.yml"
    other.write_text("domain: a.example\nrules:\n  - paths: ['src/payment.py']\n    tier: frontend\n")
    (moved,) = simulated([*asked, "--against", str(other)])["moved"]
    assert (moved["change"]["number"], moved["before"], moved["after"]) == (2, "full", "frontend")


def test_a_page_is_written(asked, tmp_path):
    page = tmp_path / "report.html"
    simulated([*asked, "--html", str(page)])
    assert "What environments on demand would have cost" in page.read_text()


def test_a_page_that_cannot_be_written_is_said(asked, tmp_path, capsys):
    assert run([*asked, "--html", str(tmp_path / "missing" / "report.html")]) == 2
    assert "Pass another path as --html" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "days"), [("90d", 90), ("2w", 14), ("90", 90), (" 1Y ", 365), ("48h", 2), ("6m", 180)]
)
def test_lengths_of_time(text, days):
    assert age(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "soon", "-3d", "3 days", "9" * 30])
def test_no_length_of_time(text):
    with pytest.raises(UsageError):
        age(text)


def test_what_failed_is_not_remembered(tmp_path):
    memory = Memory(tmp_path / "file.jsonl")
    memory.add(Judged(head="1", error="x"))
    memory.add(Judged(head="2", tier=Tier.FULL))
    assert set(memory.read()) == {"2"}
