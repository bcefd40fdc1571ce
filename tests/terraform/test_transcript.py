import json

from eod.model.outputs import Outputs
from eod.terraform.transcript import NOISE_LINES, Transcript, transcribe
from tests.terraform.support import account_of, stream


def test_counts_agree_with_the_summary_that_a_good_apply_prints():
    for name in ("apply_ok", "destroy_ok"):
        account = account_of(name)
        summary = next(
            json.loads(line)["changes"]
            for line in stream(name).splitlines()
            if b'"change_summary"' in line and b'"operation":"apply"' in line
        )
        assert (account.added, account.changed, account.destroyed) == (
            summary["add"],
            summary["change"],
            summary["remove"],
        )
        assert account.finished
        assert not account.running


def test_a_failed_apply_is_counted_from_its_completions():
    assert b'"change_summary"' not in stream("apply_failed")
    account = account_of("apply_failed")
    assert (account.added, account.changed, account.destroyed) == (1, 0, 0)
    assert account.completed == ("terraform_data.ok",)
    assert set(account.failed) == {"terraform_data.bad[0]", "terraform_data.bad[1]"}
    assert not account.finished
    assert account.line == "1 added, 0 changed, 0 destroyed"


def test_the_reason_of_a_failure_is_joined_to_its_resource():
    transcript = Transcript()
    told = [p for line in stream("apply_failed").splitlines() if (p := transcript.feed(line)) is not None]
    errored = [p for p in told if p.state == "errored" and p.address == "terraform_data.bad[0]"]
    assert errored[0].message == ""
    assert "exit status 3" in errored[1].message


def test_a_replacement_counts_in_both_passes():
    lines = []
    for action in ("delete", "create"):
        for kind in ("apply_start", "apply_complete"):
            resource = {"addr": "aws_x.y", "resource_type": "aws_x"}
            lines.append(json.dumps({"type": kind, "hook": {"resource": resource, "action": action}}).encode())
    account = transcribe(lines)
    assert (account.added, account.destroyed) == (1, 1)
    assert account.created_types == frozenset({"aws_x"})


def test_reading_data_counts_for_nothing():
    hook = {"resource": {"addr": "data.aws_x.y"}, "action": "read"}
    account = transcribe([json.dumps({"type": "apply_complete", "hook": hook}).encode()])
    assert (account.added, account.completed) == (0, ())


def test_sensitive_outputs_are_left_out():
    assert account_of("apply_ok").outputs == Outputs(values={"m": {"a": 1}, "n": 12}, sensitive=("s",))


def test_an_output_that_cannot_be_decoded_takes_no_other_with_it():
    line = (
        '{"type": "outputs", "outputs": {"ok": {"value": [1.5, "\\u2028"]}, "huge": {"value": 1e400}, "none": {}, '
        f'"long": {{"value": {"9" * 5_000}}}, "secret": {{"sensitive": true, "value": "in clear"}}}}}}'
    )
    assert transcribe([line.encode()]).outputs == Outputs(
        values={"ok": [1.5, "\u2028"], "none": None}, sensitive=("secret",), left_out=("huge", "long")
    )


def test_where_no_outputs_are_told_none_are_known():
    untold = [line for line in stream("apply_ok").splitlines() if b'"type":"outputs"' not in line]
    assert transcribe(untold).outputs is None


def test_what_was_begun_and_never_ended_is_running():
    half = [line for line in stream("apply_ok").splitlines() if b'"apply_complete"' not in line]
    assert transcribe(half).running == ("terraform_data.db", "terraform_data.cdn")


def test_an_interrupted_apply_says_so():
    account = account_of("apply_interrupted")
    assert account.interrupted
    assert account.completed == ("terraform_data.quick",)
    assert account.failed == ("terraform_data.slow",)
    assert not account.finished


def test_a_plan_is_no_finished_apply():
    assert not account_of("plan_ok").finished
    assert account_of("plan_locked").waited_for_lock


def test_noise_is_kept_but_not_without_end():
    account = transcribe(f"line {n}".encode() for n in range(NOISE_LINES + 50))
    assert len(account.noise) == NOISE_LINES
    assert account.noise[0] == "line 0"


def test_garbage_between_lines_changes_nothing():
    clean = account_of("apply_ok")
    dirty = transcribe(
        part for line in stream("apply_ok").splitlines() for part in (b"2026 [DEBUG] \xff provider says hi", line)
    )
    assert dirty.noise
    assert (dirty.added, dirty.outputs, dirty.finished) == (clean.added, clean.outputs, clean.finished)


def test_warnings_are_no_errors():
    line = {"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "Deprecated"}}
    account = transcribe([json.dumps(line).encode()])
    assert not account.errors
    assert account.warnings[0].text == "Deprecated"


def test_progress_carries_the_kind():
    resource = {"addr": "aws_rds_cluster.db", "resource_type": "aws_rds_cluster"}
    line = {"type": "apply_progress", "hook": {"resource": resource, "action": "create", "elapsed_seconds": 10}}
    progress = Transcript().feed(json.dumps(line).encode())
    assert progress is not None
    assert (progress.kind, progress.state, progress.elapsed_seconds) == ("database", "progress", 10)
