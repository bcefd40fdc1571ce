import itertools

import pytest

from tests.contract.cluster.kube import MERGE
from tests.contract.cluster.manifests import config_map

pytestmark = [pytest.mark.process, pytest.mark.network]


@pytest.fixture
def maps(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps"


def _short(event):
    return event["type"], event["object"]["metadata"]["name"], event["object"].get("data")


def _version(kube, path):
    return kube.must("GET", path)["metadata"]["resourceVersion"]


def test_a_watch_goes_on_from_a_list(kube, maps):
    kube.must("POST", maps, config_map("before"))
    version = _version(kube, maps)
    kube.must("POST", maps, config_map("a", x="1"))
    kube.must("PATCH", f"{maps}/a", {"data": {"x": "2"}}, kind=MERGE)
    kube.must("DELETE", f"{maps}/a")
    events = kube.watch(maps, resourceVersion=version, fieldSelector="metadata.name!=kube-root-ca.crt")
    assert [_short(event) for event in itertools.islice(events, 3)] == [
        ("ADDED", "a", {"x": "1"}),
        ("MODIFIED", "a", {"x": "2"}),
        ("DELETED", "a", {"x": "2"}),
    ]


def test_versions_of_events_only_grow(kube, maps):
    version = _version(kube, maps)
    for number in range(5):
        kube.must("POST", maps, config_map(f"m{number}"))
    events = itertools.islice(
        kube.watch(maps, resourceVersion=version, fieldSelector="metadata.name!=kube-root-ca.crt"), 5
    )
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions))
    assert versions[0] > int(version)


def test_a_watch_without_a_version_begins_with_what_is_there(kube, maps):
    kube.must("POST", maps, config_map("a"))
    events = kube.watch(maps, fieldSelector="metadata.name=a")
    assert _short(next(events)) == ("ADDED", "a", None)
    kube.must("POST", f"{maps}", config_map("b"))
    kube.must("PATCH", f"{maps}/a", {"data": {"x": "1"}}, kind=MERGE)
    assert _short(next(events)) == ("MODIFIED", "a", {"x": "1"})


def test_objects_come_and_go_with_the_selector(kube, maps):
    version = _version(kube, maps)
    kube.must("POST", maps, config_map("a"))
    kube.must("PATCH", f"{maps}/a", {"metadata": {"labels": {"shown": "yes"}}}, kind=MERGE)
    kube.must("PATCH", f"{maps}/a", {"data": {"x": "1"}}, kind=MERGE)
    kube.must("PATCH", f"{maps}/a", {"metadata": {"labels": None}}, kind=MERGE)
    events = itertools.islice(kube.watch(maps, resourceVersion=version, labelSelector="shown=yes"), 3)
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]


def test_a_watch_ends_when_its_time_is_up(kube, maps):
    assert (
        list(kube.watch(maps, resourceVersion=_version(kube, maps), timeoutSeconds=1, labelSelector="none")) == []
    )


def test_a_version_that_is_too_old_is_gone(cluster, kube):
    # A young API server may still know what became of its own kinds since version 1; those of a definition that
    # was added later it knows from then on.
    applications = f"/apis/argoproj.io/v1alpha1/namespaces/{cluster.argocd_namespace}/applications"
    events = list(itertools.islice(kube.watch(applications, resourceVersion="1", timeoutSeconds=2), 1))
    (event,) = events
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert event["object"]["message"].startswith("too old resource version: 1 (")


def test_a_single_object_can_be_watched_by_name(kube, maps):
    version = _version(kube, maps)
    kube.must("POST", maps, config_map("a"))
    kube.must("POST", maps, config_map("b"))
    event = next(kube.watch(maps, resourceVersion=version, fieldSelector="metadata.name=b"))
    assert _short(event) == ("ADDED", "b", None)


def test_the_deletion_of_a_held_object_is_seen_in_two_steps(kube, maps):
    held = config_map("a")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    kube.must("POST", maps, held)
    version = _version(kube, maps)
    kube.must("DELETE", f"{maps}/a")
    kube.must("PATCH", f"{maps}/a", {"metadata": {"finalizers": None}}, kind=MERGE)
    events = list(itertools.islice(kube.watch(maps, resourceVersion=version, fieldSelector="metadata.name=a"), 2))
    assert [event["type"] for event in events] == ["MODIFIED", "DELETED"]
    assert all(event["object"]["metadata"]["deletionTimestamp"] for event in events)
