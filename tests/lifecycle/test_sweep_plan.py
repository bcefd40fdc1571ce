from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.errors import SweepStoppedError
from eod.lifecycle.sweep_plan import Reason, Seen, brake, decide
from eod.model.cloud import Item
from eod.model.kube import ApplicationInfo, NamespaceInfo
from eod.model.record import Phase
from tests.lifecycle.builders import CONFIG, NOW, config, pull, record


def seen(**parts):
    return Seen(**{"now": NOW, "open_pulls": (), "records": (), **parts})


def decided(**parts):
    return [(a.environment, a.action, a.reason) for a in decide(seen(**parts), CONFIG)]


def test_an_open_pull_requests_environment_with_time_left_is_left_alone():
    assert decided(open_pulls=(pull(7),), records=(record(7),)) == []


def test_one_whose_pull_request_is_not_open_is_torn_down():
    assert decided(open_pulls=(pull(8),), records=(record(7), record(8))) == [("pr-7", "teardown", Reason.CLOSED)]


def test_one_whose_time_is_over_is_torn_down_to_the_second():
    over = record(7, expires_at=NOW)
    soon = record(8, expires_at=NOW + timedelta(seconds=1), warned_at=NOW)
    assert decided(open_pulls=(pull(7), pull(8)), records=(over, soon)) == [("pr-7", "teardown", Reason.EXPIRED)]


def test_the_keep_label_lets_the_time_pass_but_not_the_close():
    over = record(7, expires_at=NOW)
    assert decided(open_pulls=(pull(7, labels=("eod/keep",)),), records=(over,)) == []
    assert decided(records=(over,)) == [("pr-7", "teardown", Reason.CLOSED)]


def test_one_that_expires_soon_is_warned_once():
    soon = record(7, expires_at=NOW + timedelta(hours=1))
    assert decided(open_pulls=(pull(7),), records=(soon,)) == [("pr-7", "warn", Reason.EXPIRES_SOON)]
    warned = record(7, expires_at=NOW + timedelta(hours=1), warned_at=NOW - timedelta(minutes=5))
    assert decided(open_pulls=(pull(7),), records=(warned,)) == []


def test_a_teardown_that_ended_half_way_is_gone_on_with():
    fresh = record(7, phase=Phase.DESTROYING, updated_at=NOW - timedelta(minutes=5))
    stuck = record(8, phase=Phase.DESTROYING, updated_at=NOW - timedelta(hours=3))
    assert decided(open_pulls=(pull(7), pull(8)), records=(fresh, stuck)) == [("pr-8", "teardown", Reason.STUCK)]


@pytest.mark.parametrize(
    "trace",
    [
        {"namespaces": (NamespaceInfo(name="pr-9", environment="pr-9", labels={}, annotations={}),)},
        {"applications": (ApplicationInfo(name="pr-9", environment="pr-9", namespace="pr-9"),)},
        {"cloud": {"pr-9": (Item(kind="s3 bucket", id="arn:aws:s3:::pr-9", environment="pr-9"),)}},
    ],
    ids=["namespace", "application", "cloud"],
)
def test_whatever_is_left_without_a_record_is_an_orphan(trace):
    assert decided(**trace) == [("pr-9", "teardown", Reason.ORPHANED)]
    assert decided(open_pulls=(pull(9),), records=(record(9),), **trace) == []


def test_an_empty_list_of_pull_requests_is_not_read_as_delete_all():
    records = tuple(record(n) for n in range(1, 7))
    facts = seen(records=records)
    with pytest.raises(SweepStoppedError, match="lists no open pull request") as caught:
        brake(decide(facts, CONFIG), facts, CONFIG)
    assert "pr-3" in caught.value.detail


def test_more_teardowns_than_the_limit_stop_the_sweep():
    records = tuple(record(n, expires_at=NOW) for n in range(1, 5))
    facts = seen(records=records, open_pulls=tuple(pull(n) for n in range(1, 5)))
    with pytest.raises(SweepStoppedError, match="sweep-deletions"):
        brake(decide(facts, config(sweep_deletions=3)), facts, config(sweep_deletions=3))
    brake(decide(facts, config(sweep_deletions=4)), facts, config(sweep_deletions=4))


def test_too_large_a_share_stops_the_sweep():
    records = tuple(record(n) for n in range(1, 11))
    facts = seen(records=records, open_pulls=(pull(1), pull(2)))
    with pytest.raises(SweepStoppedError, match="sweep-share"):
        brake(decide(facts, config(sweep_share=0.5)), facts, config(sweep_share=0.5))
    brake(decide(facts, config(sweep_share=0.8)), facts, config(sweep_share=0.8))


def test_a_handful_that_is_all_over_is_swept():
    facts = seen(records=(record(1, expires_at=NOW), record(2, expires_at=NOW)), open_pulls=(pull(1), pull(2)))
    actions = decide(facts, CONFIG)
    brake(actions, facts, CONFIG)
    assert len(actions) == 2


def namespace(number):
    return NamespaceInfo(name=f"pr-{number}", environment=f"pr-{number}", labels={}, annotations={})


@given(
    st.sets(st.integers(1, 30)),
    st.sets(st.integers(1, 30)),
    st.sets(st.integers(1, 30)),
    st.sets(st.integers(1, 30)),
)
def test_each_environment_gets_one_action_at_most_and_an_open_one_none(open_, recorded, spaces, cloud):
    facts = seen(
        open_pulls=tuple(pull(n) for n in open_),
        records=tuple(record(n) for n in recorded),
        namespaces=tuple(namespace(n) for n in spaces),
        cloud={f"pr-{n}": (Item(kind="x", id=str(n)),) for n in cloud},
    )
    actions = decide(facts, CONFIG)
    names = [action.environment for action in actions]
    assert len(names) == len(set(names))
    assert not {f"pr-{n}" for n in open_ & recorded} & set(names)
    assert set(names) == {f"pr-{n}" for n in (recorded - open_) | ((spaces | cloud) - recorded)}
