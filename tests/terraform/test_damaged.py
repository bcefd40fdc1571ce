import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.errors import StateDamagedError, StateLockedError, TerraformError
from eod.model.lock import StateLock
from eod.model.state import StatePlace, is_damaged
from eod.terraform.damaged import place_of, set_aside
from tests.terraform.fake import play

AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
S3 = StatePlace(backend="s3", at="eod/pr-12.tfstate", bucket="states", region="eu-west-1")
LOCK = StateLock(id="1", who="runner@vm-1", created="2026-05-01 12:00:00")
WHOLE = json.dumps({"version": 4, "serial": 1, "lineage": "x", "resources": [{"type": "ü"}]}).encode()


def record(kind, **config):
    return json.dumps({"version": 3, "backend": {"type": kind, "config": config, "hash": 1}}).encode()


def aside(place, *, move=None, take_away=lambda _lock: False):
    return set_aside(place, AT, move=move, take_away=take_away, program="terraform")


@given(st.integers(min_value=1, max_value=len(WHOLE) - 1))
def test_a_state_that_was_cut_off_is_damaged(length):
    assert is_damaged(WHOLE[:length])


@pytest.mark.parametrize("content", [b"<html>503</html>", b"[]", b"{}", b"\x00\x00", b"[" * 100_000, b'{"a": 1}'])
def test_what_no_engine_reads_as_a_state_is_damaged(content):
    assert is_damaged(content)


@pytest.mark.parametrize(
    "content", [WHOLE, b"", b" \n", b'{"version": 99}', b'{"serial": 1, "encrypted_data": "x", "meta": {}}']
)
def test_what_is_whole_encrypted_newer_or_nothing_is_not(content):
    assert not is_damaged(content)


def test_where_a_state_lies_is_read_from_what_terraform_recorded():
    found = place_of(
        record(
            "s3",
            bucket="b",
            key="k",
            region="r",
            use_lockfile=True,
            dynamodb_table="t",
            profile=None,
            endpoints=None,
            encrypt=True,
            kms_key_id="arn:aws:kms:r:1:key/k",
        )
    )
    assert found == StatePlace(
        backend="s3",
        at="k",
        bucket="b",
        region="r",
        lock_file=True,
        lock_table="t",
        plain=True,
        encrypt=True,
        kms_key="arn:aws:kms:r:1:key/k",
    )
    assert found.words == "s3://b/k"
    assert place_of(record("local", path="/x/y.tfstate")) == StatePlace(backend="local", at="/x/y.tfstate")
    assert place_of(b"") is None
    assert place_of(b'{"backend": null}') is None


@pytest.mark.parametrize(
    "own",
    [{"profile": "p"}, {"assume_role": {"role_arn": "a"}}, {"endpoints": {"s3": "http://x"}}, {"access_key": "x"}],
)
def test_a_backend_with_means_of_its_own_is_a_persons_and_what_to_type_is_said(own):
    place = place_of(record("s3", bucket="b", key="k", **own))
    assert place is not None
    with pytest.raises(TerraformError, match="stays where it is") as stays:
        aside(place, move=lambda _place, _suffix: pytest.fail("moved"))
    assert "`aws s3 mv s3://b/k s3://b/k.damaged-20260501T123000Z`" in stays.value.fix


def test_so_is_one_that_eod_does_not_write_to():
    with pytest.raises(TerraformError, match=r"backend `gcs`\)"):
        aside(StatePlace(backend="gcs", at="eod/pr-12"))


def test_a_state_in_s3_is_moved_by_whoever_can():
    assert aside(S3, move=lambda place, suffix: f"{place.words}{suffix}") == (
        "s3://states/eod/pr-12.tfstate.damaged-20260501T123000Z"
    )


def test_a_dead_lock_is_taken_away_and_it_is_moved_then():
    answers = [LOCK, "moved"]
    taken = []

    def take_away(lock):
        taken.append(lock)
        return True

    assert aside(S3, move=lambda *_: answers.pop(0), take_away=take_away) == "moved"
    assert taken == [LOCK]


def test_a_lock_of_somebody_else_is_respected_and_told():
    with pytest.raises(StateLockedError, match="locked by runner@vm-1") as held:
        aside(S3, move=lambda *_: LOCK)
    assert "terraform force-unlock 1" in held.value.fix


@pytest.fixture
def damaged(tmp_path):
    path = tmp_path / "pr-12.tfstate"
    path.write_bytes(WHOLE[:20])
    return path


def test_a_local_state_is_renamed_and_nothing_of_it_is_lost(damaged):
    moved = aside(StatePlace(backend="local", at=str(damaged)))
    assert moved == f"{damaged}.damaged-20260501T123000Z"
    assert not damaged.exists()
    assert damaged.with_name(f"{damaged.name}.damaged-20260501T123000Z").read_bytes() == WHOLE[:20]


def test_it_is_never_moved_over_another_file(damaged):
    there = damaged.with_name(f"{damaged.name}.damaged-20260501T123000Z")
    there.write_bytes(b"an earlier one")
    with pytest.raises(TerraformError, match="stays where it is"):
        aside(StatePlace(backend="local", at=str(damaged)))
    assert there.read_bytes() == b"an earlier one"
    assert damaged.exists()


def test_one_that_was_put_back_stays(damaged):
    damaged.write_bytes(WHOLE)
    with pytest.raises(TerraformError, match="not damaged any more"):
        aside(StatePlace(backend="local", at=str(damaged)))
    assert damaged.exists()


HOLDER = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.process
def test_one_that_another_process_has_locked_stays(damaged):
    command = [sys.executable, "-IS", "-c", HOLDER, str(damaged)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(TerraformError, match="another process holds its lock"):
            aside(StatePlace(backend="local", at=str(damaged)))
        holder.communicate()
    assert damaged.exists()


UNREADABLE = (
    "Error: Error refreshing state: 2 problems:\n\n- Unsupported state file format: The state file could not be "
    "parsed as JSON: syntax error at byte offset 20."
)


@pytest.mark.process
class TestWorkspace:
    def test_the_place_is_the_one_that_init_recorded_and_no_other(self, fake):
        fake.plays(state_pull=[{"stderr": UNREADABLE, "code": 1}])
        workspace = fake.workspace()
        with pytest.raises(StateDamagedError):
            workspace.destroy(lambda _progress: None)
        asked = []

        def move(place, suffix):
            asked.append((place.words, suffix))
            return "moved"

        assert workspace.set_aside(AT, move) == "moved"
        assert asked == [("s3://states/eod/acme/shop/pr-12.tfstate", ".damaged-20260501T123000Z")]

    def test_a_directory_that_was_bound_to_another_state_moves_nothing(self, fake):
        fake.plays(state_pull=[{"stderr": UNREADABLE, "code": 1}])
        workspace = fake.workspace()
        with pytest.raises(StateDamagedError):
            workspace.destroy(lambda _progress: None)
        (fake.place / "data/terraform.tfstate").write_bytes(record("s3", bucket="states", key="eod/pr-13.tfstate"))
        with pytest.raises(TerraformError):
            workspace.set_aside(AT, lambda *_: pytest.fail("moved"))

    def test_an_up_on_a_damaged_state_says_how_it_comes_back(self, fake):
        fake.plays(init=[play("init_ok", code=1) | {"stderr": UNREADABLE}])
        with pytest.raises(StateDamagedError, match="damaged") as damaged:
            fake.workspace().plan()
        assert "close the pull request and reopen it" in damaged.value.fix
