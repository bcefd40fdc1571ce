import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from eod.cli import cli, run
from eod.cli.replaying import Memory
from eod.cli.simulate import age
from eod.errors import UsageError
from eod.model.history import Judged
from eod.model.tier import Tier
from tests.runaway import RUNAWAY_SECONDS

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]


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


def test_what_a_limit_leaves_out_is_not_said_to_be_covered(asked):
    today = datetime.now(UTC)
    assert datetime.fromisoformat(simulated([*asked, "--since", "1y"])["since"]) < today - timedelta(days=300)
    assert datetime.fromisoformat(
        simulated([*asked, "--since", "1y", "--limit", "2"])["since"]
    ) > today - timedelta(days=9)


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


@pytest.fixture
def history(repository):
    """More changes than are judged in a moment."""
    repository.history("main", [{"src/app.py": f"a = {number}\n"} for number in range(61)])
    return repository.path


@pytest.fixture
def begun(history, tmp_path):
    """A simulation in a process of its own, of which something is remembered but by far not all."""
    command = [sys.executable, "-m", "eod", "simulate", "--jobs", "2", "--repo", str(history), "--since", "20y"]
    with subprocess.Popen(
        [*command, "--cache", str(tmp_path / "cache")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        text=True,
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not any(b"\n" in path.read_bytes() for path in tmp_path.glob("cache/*.jsonl")):
            assert process.poll() is None, "it was over before it was seen at work"
            time.sleep(0.01)
        yield process, [int(pid) for pid in children.read_text().split()]
        process.kill()


def gone(pids):
    """Whether all of them end soon; what has ended and was not waited for by anybody counts as gone."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        states = [path.read_text().rpartition(")")[2].split()[0] for pid in pids if (path := _stat(pid)).exists()]
        if set(states) <= {"Z"}:
            return True
        time.sleep(0.02)
    return False


def _stat(pid):
    return Path(f"/proc/{pid}/stat")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux tells who whose child is")
def test_an_interrupt_ends_it_at_once_and_says_how_to_go_on(begun, history, tmp_path):
    process, children = begun
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=RUNAWAY_SECONDS)
    assert process.returncode == 130
    assert "of 60 changes" in said
    assert "not judged again" in said
    assert "Traceback" not in said
    assert gone(children)
    (cache,) = (tmp_path / "cache").iterdir()
    assert 0 < len(cache.read_bytes().splitlines()) < 60


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux tells who whose child is")
def test_when_it_is_killed_its_processes_go_too_and_nothing_judged_is_lost(begun, history, tmp_path):
    process, children = begun
    process.kill()
    process.communicate(timeout=RUNAWAY_SECONDS)
    assert children
    assert gone(children)
    (cache,) = (tmp_path / "cache").iterdir()
    kept = cache.read_bytes()
    assert 0 < kept.count(b"\n") < 60
    asked = ["simulate", "--repo", str(history), "--since", "20y", "--cache", str(tmp_path / "cache")]
    assert simulated(asked)["changes"] == 60
    assert cache.read_bytes().startswith(kept)
    assert cache.read_bytes().count(b"\n") == 60


def test_what_follows_a_line_that_was_cut_off_is_remembered(tmp_path):
    memory = Memory(tmp_path / "memory")
    memory.add(Judged(head="a" * 40, tier=Tier.FULL))
    (tmp_path / "memory").write_bytes((tmp_path / "memory").read_bytes() + b'{"head":"bb')
    memory.add(Judged(head="c" * 40, tier=Tier.NONE))
    assert sorted(memory.read()) == ["a" * 40, "c" * 40]


def test_a_place_where_nothing_can_be_kept_is_said(asked, tmp_path):
    place = tmp_path / "file"
    place.write_text("")
    result = CliRunner().invoke(cli, [*asked[:-1], str(place / "cache")])
    assert isinstance(result.exception, UsageError)
    assert result.exception.what == "Verdicts cannot be kept: Not a directory."
    assert "--cache" in result.exception.fix
