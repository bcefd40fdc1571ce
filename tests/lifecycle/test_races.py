from datetime import timedelta

import pytest
from msgspec import structs

from eod.config import ArgoCd, ArgoCdMode
from eod.errors import CancelledError, EodError, RecordError, TerraformError
from eod.lifecycle.down import down
from eod.lifecycle.rooms import DownRequest, SweepRequest, UpRequest
from eod.lifecycle.sweep import sweep
from eod.lifecycle.up import up
from eod.model.plan import ApplyResult
from eod.model.record import Phase, TerraformRecord
from eod.model.tier import Tier
from tests.lifecycle.builders import NOW, pull, record
from tests.lifecycle.inmemory import WITH_TERRAFORM, WITHOUT_TERRAFORM, in_memory_rooms

FULL = UpRequest(pr_number=7, forced_tier=Tier.FULL)
EXPIRED = {"expires_at": NOW - timedelta(minutes=1)}
APPLIED = TerraformRecord(commit="a" * 40, directory="infra", applied=True)


def failing(what):
    raise EodError(what)


def renamed(config):
    return structs.replace(config, name="preview-{number}")


WAITING = "Waiting for Terraform"


def applying(change):
    """Rooms in which the pull request changes when the apply begins, which goes on until it is let end.

    That is after the last look at the pull request before it, whatever the other threads do meanwhile.
    """
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.let_apply_end.clear()
    ask = rooms.pull_request

    def ask_and_change(number):
        found = ask(number)
        if rooms.calls["write planned"]:
            rooms.pulls.update({7: pull(**change)})
        return found

    rooms.pull_request = ask_and_change
    return rooms


def test_a_push_during_the_apply_lets_it_end_lest_what_is_half_made_is_made_twice():
    rooms = applying({"head_sha": "c" * 40})
    rooms.heard[WAITING] = rooms.let_apply_end.set
    up(rooms, FULL)
    assert not rooms.interrupted
    assert any("was pushed" in notice for notice in rooms.finished[-1].notices)


def test_a_push_that_started_no_run_stops_nobody_and_the_comment_says_how_to_go_on():
    rooms = applying({"head_sha": "c" * 40})
    rooms.newer_runs = False
    rooms.let_apply_end.set()
    outcome = up(rooms, FULL)
    assert (outcome.phase, rooms.kept["pr-7"].head_sha) == (Phase.READY, "a" * 40)
    (notice,) = outcome.notices
    assert "ccccccc was pushed after aaaaaaa and started no run" in notice
    assert "Re-run this job" in notice


def test_a_plan_for_an_older_head_is_not_applied_though_the_push_started_no_run():
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.newer_runs = False
    rooms.before["write planned"] = lambda: rooms.pulls.update({7: pull(head_sha="c" * 40)})
    outcome = up(rooms, FULL)
    assert (outcome.phase, rooms.calls["plan"], rooms.calls["apply"]) == (Phase.READY, 2, 1)
    assert [binding["commit"] for binding in rooms.bound] == ["a" * 40, "c" * 40]
    kept = rooms.kept["pr-7"]
    assert (kept.head_sha, kept.lease) == ("c" * 40, None)
    assert kept.terraform is not None
    assert kept.terraform.commit == "c" * 40


@pytest.mark.parametrize("has_run", [False, True])
def test_an_apply_that_is_tried_again_asks_for_the_head_again(has_run):
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.newer_runs = has_run
    rooms.gates = frozenset({"aws_db_instance.main"})  # else it may be ready before the apply has begun
    applied = []

    def apply(_plan, _on_progress, still_wanted):
        applied.append(rooms.bound[-1]["commit"])
        if len(applied) == 1:
            rooms.pulls[7] = pull(head_sha="c" * 40)
        still_wanted()
        return ApplyResult(added=1)

    rooms.apply = apply
    outcome = up(rooms, FULL)
    assert applied == (["a" * 40] if has_run else ["a" * 40, "c" * 40])
    assert (outcome.phase is Phase.READY) is not has_run
    assert rooms.kept["pr-7"].lease is None


def test_an_application_set_is_at_the_newer_commit_anyway():
    sets = ArgoCd(mode=ArgoCdMode.APPLICATION_SET, application_set="previews")
    rooms = in_memory_rooms(structs.replace(WITHOUT_TERRAFORM, argocd=sets), pulls=[pull()])
    rooms.newer_runs = False
    rooms.before["ensure_namespace"] = lambda: rooms.pulls.update({7: pull(head_sha="c" * 40)})
    assert up(rooms, FULL).phase is not Phase.READY


def test_where_nobody_knows_whether_a_push_started_a_run_the_comment_says_how_to_go_on():
    rooms = applying({"head_sha": "c" * 40})
    rooms.newer_runs = None
    rooms.let_apply_end.set()
    (notice,) = up(rooms, FULL).notices
    assert "if it has none" in notice
    assert "re-run this job" in notice


@pytest.mark.parametrize(
    ("has_run", "attempt", "does_it"),
    [(True, 1, False), (True, 2, False), (False, 1, True), (None, 1, False), (None, 2, True)],
)
def test_who_brings_up_what_was_pushed_while_a_run_was_queued(has_run, attempt, does_it):
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull(head_sha="c" * 40)])
    rooms.newer_runs = has_run
    rooms.run = structs.replace(rooms.run, attempt=attempt)
    up(rooms, structs.replace(FULL, head_sha="a" * 40))
    assert [kept.head_sha for kept in rooms.kept.values()] == (["c" * 40] if does_it else [])


def test_a_close_during_the_apply_interrupts_it_and_tears_down():
    rooms = applying({"open": False})
    assert up(rooms, FULL).phase is Phase.DESTROYED
    assert rooms.interrupted
    assert rooms.kept == {}


def test_a_close_long_before_the_gates_open_does_not_wait_for_them(monkeypatch):
    monkeypatch.setattr("eod.lifecycle.provision.WATCH_SECONDS", 0.01)
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.let_apply_end.clear()
    rooms.gates = frozenset({"a.b"})
    rooms.before["apply"] = lambda: rooms.pulls.update({7: pull(open=False)})
    assert up(rooms, FULL).phase is Phase.DESTROYED
    assert rooms.interrupted
    assert rooms.kept == {}


def test_a_close_while_something_still_cooks_stops_that_too(monkeypatch):
    monkeypatch.setattr("eod.lifecycle.provision.WATCH_SECONDS", 0.01)
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.let_apply_end.clear()
    rooms.after["write ready"] = lambda: rooms.pulls.update({7: pull(open=False)})
    assert up(rooms, FULL).phase is Phase.DESTROYED
    assert rooms.interrupted


def test_a_github_that_does_not_answer_stops_no_apply(monkeypatch):
    monkeypatch.setattr("eod.lifecycle.provision.WATCH_SECONDS", 0.01)
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.let_apply_end.clear()
    rooms.gates = frozenset({"a.b"})
    rooms.before["apply"] = lambda: rooms.before.update(pull_request=lambda: failing("GitHub is down"))
    rooms.heard["Whether the pull request is still open"] = rooms.let_apply_end.set
    assert up(rooms, FULL).phase is Phase.READY
    assert not rooms.interrupted


@pytest.mark.parametrize("change", [{"open": False}, {"head_sha": "c" * 40}])
def test_a_cancel_while_an_unwanted_apply_is_waited_for_is_recorded(cancelled, change):
    rooms = applying(change)
    rooms.interrupt = lambda: None
    rooms.heard[WAITING] = lambda: (rooms.let_apply_end.set(), cancelled(rooms))
    with pytest.raises(CancelledError):
        up(rooms, FULL)
    assert rooms.kept["pr-7"].phase is Phase.FAILED
    assert rooms.finished[-1].failure is not None


def test_a_cancel_is_written_down_before_terraform_is_waited_for(cancelled):
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.let_apply_end.clear()
    still_at_work = []
    rooms.before["apply"] = lambda: cancelled(rooms)
    rooms.before["write cancelled"] = lambda: still_at_work.append(not rooms.let_apply_end.is_set())
    rooms.after["write cancelled"] = rooms.let_apply_end.set
    rooms.signals.install()
    with pytest.raises(CancelledError):
        up(rooms, FULL)
    assert still_at_work == [True]
    assert (rooms.kept["pr-7"].phase, rooms.kept["pr-7"].failure.step) == (Phase.FAILED, "apply")
    assert rooms.kept["pr-7"].lease.run.id == "1", "the drain step gives it back"


def test_a_cancel_while_a_cdn_cooks_takes_ready_back(cancelled):
    rooms = in_memory_rooms(WITH_TERRAFORM, pulls=[pull()])
    rooms.let_apply_end.clear()
    rooms.after["write ready"] = lambda: cancelled(rooms)
    rooms.after["write cancelled"] = rooms.let_apply_end.set
    rooms.signals.install()
    with pytest.raises(CancelledError):
        up(rooms, FULL)
    assert (rooms.kept["pr-7"].phase, rooms.kept["pr-7"].terraform.applied) == (Phase.FAILED, False)


def test_a_cancelled_destroy_keeps_the_lease_for_as_long_as_terraform_may_go_on(cancelled):
    rooms = in_memory_rooms(WITH_TERRAFORM, records=[record(terraform=APPLIED)])
    rooms.before["destroy"] = lambda: cancelled(rooms)
    rooms.signals.install()
    with pytest.raises(CancelledError):
        down(rooms, DownRequest(pr_number=7))
    assert rooms.kept["pr-7"].phase is Phase.FAILED
    assert rooms.kept["pr-7"].lease.run.id == "1"


def test_a_cancelled_drain_gives_the_lease_back(cancelled):
    rooms = in_memory_rooms(WITH_TERRAFORM, records=[record(terraform=APPLIED)])
    rooms.before["drain"] = lambda: cancelled(rooms)
    rooms.signals.install()
    with pytest.raises(CancelledError):
        down(rooms, DownRequest(pr_number=7))
    assert rooms.kept["pr-7"].lease is None


def test_a_cancel_while_a_failed_run_waits_for_terraform_does_not_hide_the_failure(cancelled):
    rooms = applying({})
    rooms.before["write ready"] = lambda: failing("The records are gone.")
    rooms.heard[WAITING] = lambda: (rooms.let_apply_end.set(), cancelled(rooms))
    with pytest.raises(EodError):
        up(rooms, FULL)
    assert rooms.kept["pr-7"].failure.what == "The records are gone."
    assert rooms.finished[-1].failure.what == "The records are gone."


def test_a_cancel_while_the_failure_is_recorded_still_tells_people(cancelled):
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, pulls=[pull()])

    rooms.before["ensure_namespace"] = lambda: failing("The cluster is gone.")
    rooms.before["write failed"] = lambda: cancelled(rooms)
    with pytest.raises(CancelledError):
        up(rooms, FULL)
    assert rooms.kept["pr-7"].failure.what == "The cluster is gone."
    assert rooms.finished[-1].failure.what == "The cluster is gone."


def test_an_environment_made_under_another_name_is_found_when_its_pull_request_is_closed():
    rooms = in_memory_rooms(renamed(WITH_TERRAFORM), records=[record(terraform=APPLIED)])
    assert down(rooms, DownRequest(pr_number=7)).phase is Phase.DESTROYED
    assert rooms.kept == {}
    assert rooms.calls["destroy"] == 1


@pytest.mark.parametrize("pulls", [[], [pull()]])
def test_an_environment_made_under_another_name_is_swept(pulls):
    closed = [] if pulls else [pull(open=False)]
    rooms = in_memory_rooms(
        renamed(WITH_TERRAFORM), pulls=[*pulls, *closed], records=[record(terraform=APPLIED, **EXPIRED)]
    )
    sweep(rooms, SweepRequest())
    assert rooms.kept == {}
    assert rooms.calls["destroy"] == 1


def test_another_repositorys_record_under_another_name_is_only_reported():
    theirs = record(repository="acme/other", **EXPIRED)
    rooms = in_memory_rooms(renamed(WITH_TERRAFORM), pulls=[pull()], records=[theirs])
    sweep(rooms, SweepRequest())
    (action,) = rooms.swept.actions
    assert action.action == "report"
    assert rooms.kept == {"pr-7": theirs}


def test_what_terraform_made_is_not_certified_gone_once_the_configuration_has_no_terraform():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, records=[record(terraform=APPLIED)])
    with pytest.raises(TerraformError, match="was made with Terraform"):
        down(rooms, DownRequest(pr_number=7))
    assert rooms.kept["pr-7"].phase is Phase.FAILED
    assert rooms.kept["pr-7"].terraform == APPLIED


def test_a_teardown_never_removes_the_record_of_a_run_that_took_over():
    rooms = in_memory_rooms(WITHOUT_TERRAFORM, records=[record()])
    fresh = record(phase=Phase.PROVISIONING)
    rooms.before["write destroyed"] = lambda: rooms.kept.update({"pr-7": fresh})
    with pytest.raises(RecordError, match="another run"):
        down(rooms, DownRequest(pr_number=7))
    assert rooms.kept == {"pr-7": fresh}
