import contextlib
import json

import pytest
from kubernetes.client import ApiClient, Configuration

from eod.argocd.kubernetes_store import KubernetesApplications
from eod.cluster.api import KubeApi
from eod.errors import ArgoCdError
from tests.argocd.builders import NEW, application, at, operation
from tests.cluster.clocks import FastClock
from tests.cluster.servers import Script, serving

pytestmark = pytest.mark.network

NO_SUCH_KIND = (404, b"404 page not found\n")
NO_SUCH_OBJECT = (404, {"kind": "Status", "details": {"name": "pr-1", "kind": "applications"}})


@contextlib.contextmanager
def talking(script):
    with serving(script) as url, ApiClient(Configuration(host=url)) as client:
        yield KubernetesApplications(KubeApi(client, FastClock()), "argocd")


def test_a_cluster_without_argo_cd_is_told_apart_from_one_without_the_application():
    with talking(Script(NO_SUCH_OBJECT)) as store:
        assert store.get("pr-1") is None
    for ask in (
        lambda store: store.get("pr-1"),
        lambda store: store.list(),
        lambda store: store.apply(application()),
        lambda store: list(store.watch("pr-1", since="", seconds=1)),
    ):
        with talking(Script(NO_SUCH_KIND)) as store, pytest.raises(ArgoCdError, match="not installed") as caught:
            ask(store)
        assert "argocd.mode: none" in caught.value.fix


def test_a_listing_goes_over_all_pages_and_begins_anew_when_it_expires():
    def page(name, token=""):
        made = application()
        made["metadata"]["name"] = name
        return (200, {"items": [made], "metadata": {"continue": token}})

    script = Script(page("a", "t1"), (410, {}), page("a", "t2"), page("b"))
    with talking(script) as store:
        assert [made["metadata"]["name"] for made in store.list()] == ["a", "b"]


def test_a_listing_that_fails_is_an_error_and_never_an_empty_one():
    with talking(Script((500, {"message": "boom"}))) as store, pytest.raises(ArgoCdError, match="500"):
        store.list()


def test_a_watch_starts_from_a_listing_and_gives_what_is_new_in_it():
    listing = (200, {"items": [application(version="6")], "metadata": {"resourceVersion": "100"}})
    events = (200, [{"type": "MODIFIED", "object": application(version="7")}, {"type": "DELETED", "object": {}}])
    script = Script(listing, events)
    with talking(script) as store:
        found = list(store.watch("pr-1", since="5", seconds=5))

    assert [made and made["metadata"]["resourceVersion"] for made in found] == ["6", "7", None]
    assert "resourceVersion=100" in script.requests[1]["path"]
    assert "fieldSelector=metadata.name%3Dpr-1" in script.requests[1]["path"]


def test_a_watch_tells_that_it_has_gone_meanwhile():
    script = Script((200, {"items": [], "metadata": {"resourceVersion": "100"}}), (200, []))
    with talking(script) as store:
        assert list(store.watch("pr-1", since="5", seconds=5)) == [None]


def test_a_watch_whose_start_is_too_old_just_ends():
    script = Script((200, {"items": [], "metadata": {}}), (410, {"reason": "Expired"}))
    with talking(script) as store:
        assert list(store.watch("pr-1", since="", seconds=5)) == []


def test_a_sync_is_started_only_upon_what_was_read():
    script = Script((200, {}), (409, {"reason": "Conflict"}))
    with talking(script) as store:
        assert store.sync(application(version="5"), NEW) is True
        assert store.sync(application(version="5"), NEW) is False
        assert store.sync(application(pending={"sync": {}}), NEW) is False
    sent = json.loads(script.requests[0]["body"])
    assert sent["metadata"]["resourceVersion"] == "5"
    assert sent["operation"]["sync"] == {"prune": True, "revision": NEW}
    assert len(script.requests) == 2


def test_a_sync_of_several_sources_names_no_single_commit():
    script = Script((200, {}))
    with talking(script) as store:
        store.sync(application(spec={"sources": [{}, {}]}), NEW)
    assert "revision" not in json.loads(script.requests[0]["body"])["operation"]["sync"]


def test_only_a_sync_that_runs_is_stopped():
    script = Script((200, {}))
    with talking(script) as store:
        store.terminate(application(state=operation("Succeeded", NEW)))
        store.terminate(application(pending={"sync": {}}))
        store.terminate(application(pending={"sync": {}}, state=operation("Running", NEW)))
    (sent,) = script.requests
    assert json.loads(sent["body"])["status"] == {"operationState": {"phase": "Terminating"}}


def test_deleting_cascades_even_if_nobody_had_asked_for_that():
    script = Script((200, {}))
    with talking(script) as store:
        store.delete(application(finalizers=["example.com/other"]))
        store.delete(application(deletionTimestamp=at(0)))
    patch, delete = script.requests
    assert json.loads(patch["body"])["metadata"]["finalizers"] == [
        "example.com/other",
        "resources-finalizer.argocd.argoproj.io",
    ]
    assert delete["method"] == "DELETE"
    assert json.loads(delete["body"])["preconditions"] == {"uid": "u1"}


def test_a_background_cascade_is_kept_as_it_is():
    script = Script((200, {}))
    with talking(script) as store:
        store.delete(application(finalizers=["resources-finalizer.argocd.argoproj.io/background"]))
    assert [request["method"] for request in script.requests] == ["DELETE"]


def test_an_application_set_that_is_not_there_cannot_be_poked():
    missing = Script((404, {"details": {"name": "previews"}}))
    with talking(missing) as store, pytest.raises(ArgoCdError, match="`previews` does not exist"):
        store.poke("previews")


def test_a_project_that_we_may_not_see_is_neither_there_nor_not():
    with talking(Script((403, {"message": "no"}))) as store:
        assert store.project_exists("default") is None


def test_what_the_server_refuses_is_said_in_its_own_words():
    refusing = Script((422, {"message": "spec.project: Required value"}))
    with talking(refusing) as store, pytest.raises(ArgoCdError) as caught:
        store.apply(application())
    assert caught.value.detail == "spec.project: Required value"
