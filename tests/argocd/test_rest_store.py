import contextlib
import json
import socket

import pytest

from eod.argocd.rest_store import ArgoCdApplications
from eod.errors import ArgoCdError, CredentialsError
from tests.argocd.builders import NEW, application, at, operation
from tests.cluster.clocks import FastClock
from tests.cluster.servers import Script, serving

pytestmark = pytest.mark.network


@contextlib.contextmanager
def talking(script, token="t0ken"):
    with serving(script) as url:
        yield ArgoCdApplications(url, token, "argocd", FastClock())


def line(kind, made):
    return {"result": {"type": kind, "application": made}}


def body_of(request):
    return json.loads(request["body"])


def test_the_token_is_sent_and_a_netrc_cannot_replace_it(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    script = Script((200, application()))
    with talking(script) as store:
        store.get("pr-1")

    (sent,) = script.requests
    assert sent["headers"]["Authorization"] == "Bearer t0ken"
    assert sent["path"] == "/api/v1/applications/pr-1?appNamespace=argocd"


def test_a_server_is_spoken_to_by_https_unless_it_says_otherwise():
    store = ArgoCdApplications("argocd.example.com", "t", "argocd", FastClock())

    assert store._url("applications") == "https://argocd.example.com/api/v1/applications"


def test_a_name_cannot_lead_elsewhere():
    script = Script((404, {}))
    with talking(script) as store:
        store.get("../projects/x")
    assert script.requests[0]["path"].startswith("/api/v1/applications/..%2Fprojects%2Fx?")


def test_faults_that_pass_are_sat_out():
    script = Script((503, {}), (None, None), (200, {"items": [application()]}))
    with talking(script) as store:
        assert len(store.list()) == 1
    assert len(script.requests) == 3


def test_a_listing_that_fails_is_an_error_and_never_an_empty_one():
    with talking(Script((500, {"message": "redis is down"}))) as store, pytest.raises(ArgoCdError, match="500"):
        store.list()


@pytest.mark.parametrize(("status", "word"), [(401, "accept our token"), (403, "allow this")])
def test_refusals_say_which_of_both_it_is(status, word):
    with talking(Script((status, {"message": "no"}))) as store, pytest.raises(CredentialsError) as caught:
        store.list()
    assert word in caught.value.what


def test_a_403_may_mean_that_there_is_none():
    # Argo CD does not let an account tell the two apart, unless it may see all Applications.
    with talking(Script((403, {"message": "permission denied"}), (200, {"items": []}))) as store:
        assert store.get("pr-1") is None


def test_a_403_for_one_that_is_there_is_a_refusal():
    refused, listed = (403, {"message": "permission denied"}), (200, {"items": [application()]})
    with talking(Script(*[refused, listed] * 4, refused)) as store, pytest.raises(CredentialsError):
        store.get("pr-1")


def test_one_that_is_made_between_the_403_and_the_listing_is_found():
    made = application()
    script = Script((403, {"message": "permission denied"}), (200, {"items": [made]}), (200, made))
    with talking(script) as store:
        assert store.get(made["metadata"]["name"]) == made


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    store = ArgoCdApplications(f"http://127.0.0.1:{port}", "t", "argocd", FastClock())

    for ask in (lambda: store.get("pr-1"), lambda: list(store.watch("pr-1", since="", seconds=1))):
        with pytest.raises(ArgoCdError, match="cannot be reached"):
            ask()


def test_a_watch_gives_changes_and_leaves_out_what_is_known():
    events = [
        line("ADDED", application(version="5")),
        line("MODIFIED", application(version="6")),
        line("DELETED", application(version="7")),
    ]
    with talking(Script((200, events))) as store:
        found = list(store.watch("pr-1", since="5", seconds=5))

    assert [made and made["metadata"]["resourceVersion"] for made in found] == ["6", None]


def test_a_watch_that_breaks_is_reported_and_one_that_we_may_not_make_too():
    with talking(Script((200, [line("ADDED", application()), None]))) as store, pytest.raises(ArgoCdError):
        list(store.watch("pr-1", since="", seconds=5))
    with talking(Script((401, {}))) as store, pytest.raises(CredentialsError):
        list(store.watch("pr-1", since="", seconds=5))


def test_a_refresh_is_asked_for_and_its_outcome_left_to_the_next_reading():
    script = Script((400, {"message": "app path does not exist"}))
    with talking(script) as store:
        store.refresh("pr-1", hard=True)
    assert script.requests[0]["path"] == "/api/v1/applications/pr-1?refresh=hard&appNamespace=argocd"


def test_applying_creates_or_updates_and_leaves_manifests_to_the_conditions():
    script = Script((200, application()))
    with talking(script) as store:
        store.apply(application())
    assert script.requests[0]["path"] == "/api/v1/applications?upsert=true&validate=false"


def test_a_sync_names_the_commit_and_one_that_runs_already_is_no_error():
    script = Script((200, {}), (400, {"message": "another operation is already in progress"}))
    with talking(script) as store:
        assert store.sync(application(), NEW) is True
        assert store.sync(application(), NEW) is False
        assert store.sync(application(pending={"sync": {}}), NEW) is False
        assert store.sync(application(deletionTimestamp=at(0)), NEW) is False
    assert body_of(script.requests[0]) == {"appNamespace": "argocd", "prune": True, "revision": NEW}
    assert len(script.requests) == 2


def test_only_a_sync_that_runs_is_stopped():
    script = Script((200, {}), (400, {"message": "Unable to terminate operation. No operation is in progress"}))
    running = application(pending={"sync": {}}, state=operation("Running", NEW))
    with talking(script) as store:
        store.terminate(application())
        store.terminate(running)
        store.terminate(running)
    assert [(r["method"], r["path"].partition("?")[0]) for r in script.requests] == [
        ("DELETE", "/api/v1/applications/pr-1/operation")
    ] * 2


def test_deleting_cascades_and_is_done_once():
    script = Script((200, {}))
    with talking(script) as store:
        store.delete(application())
        store.delete(application(deletionTimestamp=at(0)))
    (sent,) = script.requests
    assert "cascade=true" in sent["path"]
    # Argo CD answers 415 to a change without this, also to one that has no body.
    assert sent["headers"]["Content-Type"] == "application/json"


def test_poking_writes_the_set_back_as_it_is_but_for_the_annotation():
    existing = {
        "metadata": {"name": "previews", "annotations": {"a": "b"}, "resourceVersion": "9", "managedFields": []},
        "spec": {"generators": []},
        "status": {},
    }
    script = Script((200, existing))
    with talking(script) as store:
        store.poke("previews")
    sent = body_of(script.requests[1])
    assert sent["spec"] == {"generators": []}
    assert sent["metadata"] == {
        "name": "previews",
        "annotations": {"a": "b", "argocd.argoproj.io/application-set-refresh": "true"},
    }


def test_a_project_that_we_may_not_see_is_neither_there_nor_not():
    with talking(Script((403, {}))) as store:
        assert store.project_exists("default") is None
