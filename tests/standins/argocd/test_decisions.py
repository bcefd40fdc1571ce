from datetime import UTC, datetime, timedelta

import pytest

from standins.argocd.autosync import decide
from standins.argocd.behaviour import Behaviour
from standins.argocd.comparison import Comparison, Managed
from standins.argocd.retries import after_failure, seconds_until_retry
from standins.argocd.tracking import ResourceKey

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE = {"repoURL": "file:///x", "path": "."}


def _resource(*, wanted=True, in_sync=False):
    key = ResourceKey(group="", kind="ConfigMap", namespace="pr-1", name="a")
    value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    return Managed(
        key=key,
        wanted=value if wanted else None,
        live=value,
        status="Synced" if in_sync else "OutOfSync",
        in_sync=in_sync,
    )


def _application(*, state=None, automated=None, **more):
    return {
        "metadata": {"name": "pr-1"},
        "spec": {
            "source": SOURCE,
            "syncPolicy": {"automated": {"prune": True} if automated is None else automated},
        },
        "status": {"operationState": state} if state else {},
        **more,
    }


def _comparison(*resources, status="OutOfSync"):
    found = list(resources) or [_resource()]
    return Comparison(status=status, revision="abc", health="Healthy", resources=found)


def _state(*, phase="Succeeded", ago=0.0, attempts=0, revision="abc"):
    sync = {"autoHealAttemptsCount": attempts} if attempts else {}
    finished = (NOW - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
    result = {"revision": revision, "source": SOURCE}
    return {
        "phase": phase,
        "message": "no",
        "finishedAt": finished,
        "operation": {"sync": sync},
        "syncResult": result,
    }


def _decide(application, comparison=None):
    return decide(application, comparison or _comparison(), Behaviour(), NOW)


def test_a_difference_calls_for_a_sync_of_that_revision():
    operation = _decide(_application()).operation
    assert operation["sync"] == {"revision": "abc", "source": SOURCE, "prune": True}
    assert operation["retry"] == {"limit": 5}


@pytest.mark.parametrize(
    ("application", "comparison"),
    [
        (_application(), _comparison(status="Synced")),
        (_application(), _comparison(status="Unknown")),
        (_application(operation={"sync": {}}), _comparison()),
        (_application(automated={"enabled": False}), _comparison()),
        (_application(automated={}), _comparison(_resource(in_sync=True), _resource(wanted=False))),
        (_application(state=_state()), _comparison()),
    ],
)
def test_otherwise_nothing_is_done(application, comparison):
    decision = _decide(application, comparison)
    assert (decision.operation, decision.problem, decision.wait) == (None, None, None)


def test_a_commit_that_failed_is_a_problem_and_another_one_is_tried():
    assert _decide(_application(state=_state(phase="Failed"))).problem == "Failed last sync attempt to [abc]: no"
    assert _decide(_application(state=_state(phase="Failed", revision="old"))).operation is not None


@pytest.mark.parametrize(
    ("attempts", "ago", "wait"),
    [(0, 0, None), (1, 0, 2), (2, 1, 5), (3, 10, 8), (9, 0, 300), (1, 2, None), (9, 400, None)],
)
def test_healing_pauses_longer_each_time(attempts, ago, wait):
    healing = {"prune": True, "selfHeal": True}
    decision = _decide(_application(automated=healing, state=_state(attempts=attempts, ago=ago)))
    assert decision.wait == wait
    if wait is None:
        expected = 1 if ago >= 330 else attempts + 1
        assert decision.operation["sync"]["autoHealAttemptsCount"] == expected
        assert decision.operation["sync"]["resources"] == [{"group": "", "kind": "ConfigMap", "name": "a"}]


def test_wiping_out_everything_is_refused_unless_it_is_allowed():
    everything = _comparison(_resource(wanted=False))
    assert "will wipe out all resources" in _decide(_application(), everything).problem
    allowed = {"prune": True, "allowEmpty": True}
    assert _decide(_application(automated=allowed), everything).operation is not None


def _failed(limit, retried=0, **backoff):
    retry = {"limit": limit, **({"backoff": backoff} if backoff else {})}
    return {"phase": "Failed", "message": "no", "retryCount": retried, "operation": {"retry": retry}}


def test_a_failure_is_final_when_the_tries_are_used_up():
    assert after_failure(_failed(0), NOW)["phase"] == "Failed"
    final = after_failure(_failed(2, retried=2), NOW)
    assert (final["phase"], final["message"]) == ("Failed", "no (retried 2 times).")


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        (_failed(5), 5),
        (_failed(5, retried=1), 10),
        (_failed(5, retried=4), 80),
        (_failed(-1, retried=9), 180),
        (_failed(5, retried=2, duration="1m", factor=3, maxDuration="1h"), 540),
        (_failed(5, duration="500ms"), 0.5),
    ],
)
def test_a_failure_is_followed_by_a_pause(state, seconds):
    waiting = after_failure(state, NOW)
    assert waiting["phase"] == "Running"
    assert seconds_until_retry(waiting, NOW) == seconds
    assert f"Retrying attempt #{state['retryCount'] + 1} at 3:" in waiting["message"]
