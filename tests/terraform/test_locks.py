from datetime import UTC, datetime

from eod.errors import StateLockedError
from eod.model.lock import StateLock, machine_of
from eod.terraform.locks import first_lock, locked_error, read_lock
from eod.terraform.problems import lock_failure
from tests.terraform.support import account_of


def test_the_holder_is_read_from_the_real_message():
    failed = lock_failure(account_of("plan_locked"), waited_seconds=120)
    assert failed is not None
    error = failed.error
    assert isinstance(error, StateLockedError)
    assert "runner@host for apply since 2026-11-23" in error.what
    assert "waited 120 s" in error.what
    assert "force-unlock" in error.fix
    lock_id = error.detail.removeprefix("Lock ID: ")
    assert len(lock_id) == 36
    assert lock_id in error.fix


def test_the_holder_is_read_from_framed_text():
    framed = (
        "│ Lock Info:\n│   ID:        274d\n│   Who:  me@there\n│   Operation: OperationTypePlan\n│   Info: \n"
    )
    lock = read_lock(framed)
    assert lock is not None
    assert (lock.id, lock.who, lock.operation) == ("274d", "me@there", "OperationTypePlan")
    assert "for plan" in locked_error(lock, waited_seconds=0).what


OF_HTTP = """Error message: HTTP remote state already locked:
ID=e8e0d746-372e-8516-6043-5c93c12b4624
Lock Info:
  ID:        {id}
  Operation: OperationTypePlan
  Who:       root@vm
  Created:   2026-11-25 18:56:11.327109819 +0000 UTC
"""


def test_of_the_http_backend_only_the_holders_id_is_believed():
    # Terraform 1.11, for one, prints what it asked with itself as the holder's.
    lock = read_lock(OF_HTTP.format(id="e1e0128b-483f-315b-956a-a98a35596143"))
    assert lock == StateLock(id="e8e0d746-372e-8516-6043-5c93c12b4624")
    told = read_lock(OF_HTTP.format(id="e8e0d746-372e-8516-6043-5c93c12b4624"))
    assert told is not None
    assert told.who == "root@vm"


def test_when_it_was_taken_and_what_to_type_is_said():
    lock = StateLock(
        id="274d", who="me@there", operation="OperationTypePlan", created="2026-05-01 12:00:00.5 +0000 UTC"
    )
    error = locked_error(lock, waited_seconds=3, program="tofu")
    assert error.what == "The state is locked by me@there for plan since 2026-05-01 12:00:00 UTC (waited 3 s)."
    assert "`tofu force-unlock 274d`" in error.fix
    assert "since an unknown time" in locked_error(StateLock(id="1"), waited_seconds=0).what


def test_without_a_holder_there_is_none():
    assert read_lock("Error message: resource temporarily unavailable") is None
    assert read_lock("Lock Info:\n  Path: x\n") is None
    assert first_lock([]) is None


def test_a_failure_that_is_no_lock_is_no_lock():
    assert lock_failure(account_of("apply_failed"), waited_seconds=0) is None


def test_a_lock_tells_its_machine_by_a_mark_and_its_time():
    failed = lock_failure(account_of("plan_locked"), waited_seconds=0)
    assert failed is not None
    assert failed.lock is not None
    assert failed.lock.machine == machine_of("host")
    assert failed.lock.created_at == datetime(2026, 11, 23, 12, 9, 16, tzinfo=UTC)
    nobody = StateLock(id="1", who="nobody", created="yesterday")
    assert (nobody.machine, nobody.created_at) == ("", None)
