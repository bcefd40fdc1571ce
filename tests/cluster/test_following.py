import contextlib
import json

import pytest
from kubernetes.client import ApiClient, Configuration

from eod.cluster.api import KubeApi
from eod.cluster.cluster import Cluster
from eod.cluster.listing import objects_in
from eod.cluster.resources import readings, wait_until
from eod.cluster.waiting import Deadline
from eod.errors import ClusterError, CredentialsError
from eod.model.moments import moment
from tests.cluster.clocks import FastClock
from tests.cluster.servers import Routes, Script, serving
from tests.cluster.specs import ANNOTATIONS, LABELS, spec

pytestmark = pytest.mark.network


@contextlib.contextmanager
def talking(script):
    with serving(script) as url, ApiClient(Configuration(host=url)) as client:
        yield KubeApi(client, FastClock())


def thing(name, **metadata):
    return {"metadata": {"name": name, **metadata}}


def listing(*things, version="1"):
    return (200, {"items": list(things), "metadata": {"resourceVersion": version}})


def event(kind, made):
    return {"type": kind, "object": made}


def names(items):
    return [item["metadata"]["name"] for item in items]


def follow(api, seconds=60):
    clock = api._clock
    return readings(api, clock, "/things", Deadline(clock, seconds))


def test_a_collection_is_followed_from_its_listing_through_every_event():
    events = (
        200,
        [
            event("ADDED", thing("b")),
            event("BOOKMARK", {}),
            event("DELETED", thing("a")),
            event("MODIFIED", thing("b")),
        ],
    )
    with talking(Script(listing(thing("a"), version="7"), events)) as api:
        found = follow(api)
        seen = [names(next(found)) for _ in range(5)]

    assert seen == [["a"], ["a", "b"], ["a", "b"], ["b"], ["b"]]


def test_a_watch_that_expired_is_begun_anew_from_a_fresh_listing():
    expired = (200, [event("ERROR", {"code": 410, "reason": "Expired"})])
    script = Script(listing(thing("a"), version="7"), expired, listing(version="9"), (200, []))
    with talking(script) as api:
        over, last = wait_until(follow(api), lambda items: not items)

    assert (over, last) == (True, [])
    assert "resourceVersion=7" in script.requests[1]["path"]


def test_a_lost_connection_is_sat_out():
    script = Script(listing(thing("a")), (200, [event("MODIFIED", thing("a")), None]), listing())
    with talking(script) as api:
        over, _ = wait_until(follow(api), lambda items: not items)

    assert over


def test_the_wait_ends_with_what_was_seen_last():
    script = Script(*[listing(thing("a")), (200, [])] * 400)
    with talking(script) as api:
        over, last = wait_until(follow(api, seconds=3), lambda items: not items)
        paused = len(api._clock.waits)

    assert not over
    assert names(last) == ["a"]
    assert paused <= 20


def test_an_api_that_stays_away_is_an_error_in_the_end():
    with talking(Script((503, {"message": "starting"}))) as api, pytest.raises(ClusterError, match="503"):
        wait_until(follow(api, seconds=30), lambda items: not items)


def test_a_kind_that_is_not_there_is_an_empty_collection():
    with talking(Script((404, {}))) as api:
        assert next(follow(api)) == []


def discovery(**routes):
    pods = {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["list", "delete"], "singularName": "pod"}
    groups = [{"preferredVersion": {"groupVersion": version}} for version in ("apps/v1", "metrics.k8s.io/v1")]
    deployments = {**pods, "name": "deployments", "kind": "Deployment", "singularName": ""}
    reviews = {**pods, "name": "reviews", "kind": "Review", "verbs": ["create"]}
    nodes = {**pods, "name": "nodes", "kind": "Node", "namespaced": False}
    return Routes(
        {
            "/apis": [(200, {"groups": groups})],
            "/api/v1": [(200, {"resources": [pods, nodes, {**pods, "name": "events"}]})],
            "/apis/apps/v1": [(200, {"resources": [deployments, reviews]})],
            "/apis/metrics.k8s.io/v1": [(503, {"message": "no endpoints"})],
            "/api/v1/namespaces/pr-1/pods": [
                (200, {"items": [thing("web-1", ownerReferences=[{"controller": True}])], "metadata": {}})
            ],
            "/apis/apps/v1/namespaces/pr-1/deployments": [(200, {"items": [thing("web")], "metadata": {}})],
            **routes,
        }
    )


def test_everything_that_can_be_listed_and_deleted_is_found_although_one_group_is_dead():
    routes = discovery()
    with talking(routes) as api:
        found = objects_in(api, "pr-1")

    assert [(one.kind.singular, one.name, one.derived) for one in found] == [
        ("deployment", "web", False),
        ("pod", "web-1", True),
    ]
    assert len([r for r in routes.requests if r["path"] == "/apis/metrics.k8s.io/v1"]) == 1


def test_a_kind_that_we_may_not_list_is_left_out():
    routes = discovery(**{"/apis/apps/v1/namespaces/pr-1/deployments": [(403, {"message": "no"})]})
    with talking(routes) as api:
        assert [one.name for one in objects_in(api, "pr-1")] == ["web-1"]


def test_a_cluster_that_lists_nothing_is_no_empty_namespace():
    routes = discovery(**{"/api/v1/namespaces/pr-1/pods": [(403, {"message": "no"})]})
    with talking(routes) as api, pytest.raises(CredentialsError):
        objects_in(api, "pr-1")
    with talking(Routes({"/apis": [(500, {})]})) as api, pytest.raises(ClusterError):
        objects_in(api, "pr-1")


def test_a_namespace_that_somebody_makes_a_moment_before_us_is_not_adopted():
    theirs = thing("pr-123", labels={}, resourceVersion="1")
    routes = Routes(
        {
            "GET /api/v1/namespaces/pr-123": [(404, {}), (200, theirs)],
            "POST /api/v1/namespaces": [(409, {"reason": "AlreadyExists"})],
        }
    )
    with talking(routes) as api, pytest.raises(ClusterError, match="eod leaves it alone"):
        Cluster(api, api._clock).ensure_namespace(spec())
    assert not [request for request in routes.requests if request["method"] == "PATCH"]


def test_a_run_beside_ours_that_made_the_same_namespace_is_no_trouble():
    ours = thing("pr-123", labels=LABELS, annotations=ANNOTATIONS, resourceVersion="1")
    path = "/api/v1/namespaces/pr-123"
    routes = Routes(
        {
            f"GET {path}": [(404, {}), (200, ours)],
            "POST /api/v1/namespaces": [(409, {"reason": "AlreadyExists"})],
            f"PATCH {path}": [(200, ours)],
            f"PATCH {path}/resourcequotas/eod-quota": [(201, ours)],
            f"PATCH {path}/limitranges/eod-limits": [(201, ours)],
            "PATCH /apis/networking.k8s.io/v1/namespaces/pr-123/networkpolicies/eod-isolation": [(201, ours)],
        }
    )
    with talking(routes) as api:
        assert Cluster(api, api._clock).ensure_namespace(spec()) is True


def creation_of(wanted):
    """The metadata with which a namespace is created."""
    routes = Routes({"POST /api/v1/namespaces": [(422, {"message": "as far as this test goes"})]})
    with talking(routes) as api, pytest.raises(ClusterError):
        Cluster(api, api._clock).ensure_namespace(wanted)
    return json.loads(routes.requests[-1]["body"])["metadata"]


def test_what_admission_policies_ask_for_is_there_from_the_first_request():
    metadata = creation_of(spec())
    assert metadata["labels"] == LABELS
    assert metadata["annotations"] == ANNOTATIONS


def test_what_only_a_configuration_adds_is_left_to_the_apply_which_can_take_it_back():
    assert creation_of(spec(labels={"istio-injection": "enabled"}))["labels"] == LABELS


@pytest.mark.parametrize(
    ("status", "message", "word"),
    [
        (403, "namespaces is forbidden", "lacks this permission"),
        (403, "pods is forbidden: exceeded quota: clusters", "A quota of the cluster is used up"),
        (403, "forbidden: ValidatingAdmissionPolicy 'owner' denied request: no owner", "An admission policy"),
        (422, "ValidatingAdmissionPolicy 'owner' denied the request: no owner", "An admission policy"),
        (500, "etcd", "problem of its own"),
        (415, "what?", "does not accept what was sent"),
    ],
)
def test_a_refusal_to_create_says_why(status, message, word):
    routes = Routes({"POST /api/v1/namespaces": [(status, {"message": message})]})
    with talking(routes) as api, pytest.raises((ClusterError, CredentialsError)) as caught:
        Cluster(api, api._clock).ensure_namespace(spec())
    assert message in caught.value.detail
    assert word in caught.value.why


def test_problems_that_cannot_be_read_are_said_instead_of_raised():
    with talking(Script((500, {"message": "boom"}))) as api:
        (line,) = Cluster(api, api._clock).problems("pr-1")
    assert line.startswith("What is wrong in pr-1 could not be read")


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-01-01T00:00:00", 7])
def test_a_time_stamp_that_is_none_is_none(text):
    assert moment(text) is None


def test_a_time_stamp_is_aware():
    found = moment("2026-01-01T00:00:00Z")

    assert found is not None
    assert found.utcoffset() is not None
