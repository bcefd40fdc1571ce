import contextlib
import socket

import pytest
from kubernetes.client import ApiClient, Configuration

from eod.cluster.api import APPLY, KubeApi
from eod.cluster.resources import list_all
from eod.errors import ClusterError, CredentialsError
from tests.cluster.clocks import FastClock
from tests.cluster.servers import Script, serving

pytestmark = pytest.mark.network


@contextlib.contextmanager
def api_for(script, **settings):
    with serving(script) as url:
        configuration = Configuration(host=url)
        for key, value in settings.items():
            setattr(configuration, key, value)
        client = ApiClient(configuration)
        try:
            yield KubeApi(client, FastClock())
        finally:
            client.close()


def test_a_request_carries_the_token_the_body_and_the_query():
    script = Script((201, {"kind": "Namespace"}))
    with api_for(script, api_key={"BearerToken": "Bearer t0ken"}) as api:
        answer = api.request(
            "PATCH", "/api/v1/namespaces/a", query={"force": "true"}, body={"a": 1}, content_type=APPLY
        )

    assert answer == (201, {"kind": "Namespace"})
    (sent,) = script.requests
    assert sent["path"] == "/api/v1/namespaces/a?force=true"
    assert sent["headers"]["authorization"] == "Bearer t0ken"
    assert sent["headers"]["Content-Type"] == APPLY
    assert sent["body"] == b'{"a": 1}'


def test_faults_that_pass_are_sat_out():
    script = Script((503, {}), (429, {}, {"Retry-After": "7"}), (None, None), (200, {"ok": True}))
    with api_for(script) as api:
        assert api.request("GET", "/version") == (200, {"ok": True})
        waits = api._clock.waits

    assert len(script.requests) == 4
    assert waits[1] == 7.0


def test_a_fault_that_stays_is_reported_as_it_is():
    script = Script((503, {"message": "etcd is down"}))
    with api_for(script) as api:
        assert api.request("GET", "/x") == (503, {"message": "etcd is down"})
    assert len(script.requests) == 5


@pytest.mark.parametrize(
    ("message", "requests"),
    [("quantities must match the regular expression", 1), ('failed calling webhook "policy"', 5)],
)
def test_a_write_that_ends_in_500_is_sent_again_only_if_a_webhook_was_to_blame(message, requests):
    script = Script((500, {"message": message}))
    with api_for(script) as api:
        api.request("PATCH", "/x", body={})
    assert len(script.requests) == requests


def test_whoever_is_in_a_hurry_asks_once():
    script = Script((503, {}))
    with api_for(script) as api:
        api.request("GET", "/apis/metrics.k8s.io/v1beta1", patient=False)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("status", "word"), [(401, "does not accept our credentials"), (403, "does not allow us")]
)
def test_refusals_are_credentials_errors_with_the_clusters_own_word(status, word):
    with (
        api_for(Script((status, {"message": 'User "x" cannot'}))) as api,
        pytest.raises(CredentialsError) as caught,
    ):
        api.request("DELETE", "/api/v1/namespaces/a")
    assert word in caught.value.what
    assert caught.value.detail == 'User "x" cannot'


def test_a_cluster_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    api = KubeApi(ApiClient(Configuration(host=f"http://127.0.0.1:{port}")), FastClock())

    with pytest.raises(ClusterError, match="cannot be reached") as caught:
        api.request("GET", "/version")
    assert caught.value.where == f"http://127.0.0.1:{port}"


def test_an_answer_that_is_no_json_is_kept_as_a_message():
    with api_for(Script((404, b"<html>proxy</html>"))) as api:
        assert api.request("GET", "/x") == (404, {"message": "<html>proxy</html>"})


def test_a_watch_gives_its_events_however_they_are_cut():
    events = [b'{"type": "AD', b'DED", "object": {}}\n{"type": "MOD', b'IFIED", "object": {}}\n']
    with api_for(Script((200, events))) as api:
        found = list(api.stream("/api/v1/namespaces", query={"resourceVersion": "5"}, seconds=3.2))

    assert [event["type"] for event in found] == ["ADDED", "MODIFIED"]


def test_a_watch_asks_the_server_to_end_it():
    script = Script((200, []))
    with api_for(script) as api:
        list(api.stream("/x", query={}, seconds=3.2))

    assert "timeoutSeconds=4" in script.requests[0]["path"]


def test_a_watch_that_is_refused_ends_with_an_error_event():
    with api_for(Script((410, {"reason": "Expired"}))) as api:
        (event,) = api.stream("/x", query={}, seconds=1)
    assert event["type"] == "ERROR"
    assert event["object"]["code"] == 410


def test_a_watch_that_breaks_is_reported():
    with api_for(Script((200, [{"type": "ADDED"}, None]))) as api:
        found = api.stream("/x", query={}, seconds=5)
        assert next(found) == {"type": "ADDED"}
        with pytest.raises(ClusterError):
            next(found)


def test_a_watch_that_we_may_not_make():
    with api_for(Script((403, {"message": "no"}))) as api, pytest.raises(CredentialsError):
        list(api.stream("/x", query={}, seconds=1))


def page(names, token=""):
    return (200, {"items": [{"metadata": {"name": name}} for name in names], "metadata": {"continue": token}})


def names_of(items):
    return [item["metadata"]["name"] for item in items]


def test_a_listing_goes_over_all_pages():
    script = Script(page(["a", "b"], "next"), page(["c"]))
    with api_for(script) as api:
        assert names_of(list_all(api, "/api/v1/namespaces", {"labelSelector": "x=y"})) == ["a", "b", "c"]
    assert "continue=next" in script.requests[1]["path"]
    assert "labelSelector=x%3Dy" in script.requests[1]["path"]


def test_a_listing_that_expires_half_way_is_begun_again_and_never_returned_in_part():
    script = Script(page(["a"], "next"), (410, {"reason": "Expired"}), page(["a", "b"]))
    with api_for(script) as api:
        assert names_of(list_all(api, "/x")) == ["a", "b"]


def test_a_listing_that_keeps_expiring_is_an_error():
    script = Script(*[page(["a"], "next"), (410, {})] * 3)
    with api_for(script) as api, pytest.raises(ClusterError, match="interrupted"):
        list_all(api, "/x")


def test_a_listing_that_fails_is_an_error_and_never_an_empty_one():
    with api_for(Script((500, {"message": "boom"}))) as api, pytest.raises(ClusterError, match="500"):
        list_all(api, "/x")


def test_a_kind_that_the_cluster_does_not_know_is_an_empty_listing():
    with api_for(Script((404, {}))) as api:
        assert list_all(api, "/apis/nope/v1/things") == []
