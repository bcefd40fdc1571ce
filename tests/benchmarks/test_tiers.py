import json
import subprocess

import pytest
from click.testing import CliRunner

from benchmarks import tiers

pytestmark = pytest.mark.process

ENTRY = """
[[changes]]
owner = "acme"
name = "{name}"
base = "{base}"
head = "{head}"
label = "{label}"
acceptable = ["{label}"]
reason = "A page of the manual."
"""


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def documentation(tmp_path):
    """A clone in which the last commit changes a document, as base and head."""
    clone = tmp_path / "clones" / "acme+shop"
    (clone / "docs").mkdir(parents=True)
    git(clone, "init", "--quiet")
    ends = []
    for text in ("one", "two"):
        (clone / "docs" / "manual.md").write_text(text)
        git(clone, "add", ".")
        git(clone, "commit", "--quiet", "--message", text)
        ends.append(git(clone, "rev-parse", "HEAD"))
    return ends


@pytest.fixture
def measure(tmp_path):
    def run(*entries, arguments=()):
        (tmp_path / "sets").mkdir()
        (tmp_path / "sets" / "tuning.toml").write_text('split = "tuning"\n' + "".join(entries))
        folders = ["--repos", str(tmp_path / "clones"), "--sets", str(tmp_path / "sets")]
        return CliRunner().invoke(tiers.main, [*folders, "--json", *arguments])

    return run


def entry(ends, label="none", name="shop"):
    base, head = ends
    return ENTRY.format(name=name, base=base, head=head, label=label)


def test_what_eod_classify_prints_today_is_read_and_judged(documentation, measure):
    result = measure(entry(documentation))
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["overall"]["agreed"] == 1
    assert document["misses"] == []


def test_too_little_agreement_is_exit_code_1_and_names_the_deciding_file(documentation, measure):
    result = measure(entry(documentation, label="full"))
    assert result.exit_code == 1
    (miss,) = json.loads(result.stdout)["misses"]
    assert (miss["judgement"], miss["tier"]) == ("too-light", "none")
    assert [each["path"] for each in miss["deciding"]] == ["docs/manual.md"]


def test_a_time_out_is_a_failure_and_not_a_light_answer(documentation, measure):
    result = measure(entry(documentation), arguments=["--timeout", "0.001"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["overall"]["failed"] == 1


@pytest.mark.parametrize("missing", ["clone", "commit"])
def test_what_cannot_be_measured_is_said_and_is_exit_code_2(documentation, measure, missing):
    base, head = documentation
    absent = entry((base, head), name="gone") if missing == "clone" else entry((base, "f" * 40))
    result = measure(entry(documentation), absent)
    assert result.exit_code == 2
    assert "is missing: acme/" in result.stderr
    assert json.loads(result.stdout)["overall"]["changes"] == 1
