from http import HTTPStatus

import pytest

from testbed.routing import answer


def ingress(host="pr-1.example.test", namespace="pr-1", paths=(("/", "Prefix", "web"),)):
    return {
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "rules": [
                {
                    "host": host,
                    "http": {
                        "paths": [
                            {"path": path, "pathType": kind, "backend": {"service": {"name": service}}}
                            for path, kind, service in paths
                        ]
                    },
                }
            ]
        },
    }


def endpoints(service="web", namespace="pr-1", ready=True):
    return {
        "metadata": {"namespace": namespace, "labels": {"kubernetes.io/service-name": service}},
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": ready}}],
    }


def status(host, path="/", *, ingresses, slices):
    return answer(host, path, ingresses=ingresses, slices=slices).status


def test_a_host_whose_service_has_a_ready_endpoint_answers():
    assert status("pr-1.example.test", ingresses=[ingress()], slices=[endpoints()]) == HTTPStatus.OK


@pytest.mark.parametrize(
    ("host", "slices"),
    [
        ("pr-2.example.test", [endpoints()]),
        ("pr-1.example.test", [endpoints(ready=False)]),
        ("pr-1.example.test", [endpoints(service="other")]),
        ("pr-1.example.test", [endpoints(namespace="pr-2")]),
        ("pr-1.example.test", [{"metadata": {"namespace": "pr-1", "labels": None}, "endpoints": None}]),
        ("pr-1.example.test", []),
    ],
)
def test_anything_else_is_unavailable(host, slices):
    said = answer(host, "/", ingresses=[ingress()], slices=slices)

    assert said.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert host in said.text or "pr-1/web" in said.text


def test_the_longest_path_wins():
    both = [ingress(paths=(("/", "Prefix", "web"), ("/api", "Prefix", "api")))]

    assert status("pr-1.example.test", "/api/x", ingresses=both, slices=[endpoints("web")]) == 503
    assert status("pr-1.example.test", "/api/x", ingresses=both, slices=[endpoints("api")]) == 200
    assert status("pr-1.example.test", "/apix", ingresses=both, slices=[endpoints("web")]) == 200


def test_an_exact_path_matches_nothing_below_it():
    exact = [ingress(paths=(("/health", "Exact", "web"),))]

    assert status("pr-1.example.test", "/health", ingresses=exact, slices=[endpoints()]) == 200
    assert status("pr-1.example.test", "/health/x", ingresses=exact, slices=[endpoints()]) == 503


def test_a_wildcard_stands_for_one_label():
    wild = [ingress(host="*.example.test")]

    assert status("pr-1.example.test", ingresses=wild, slices=[endpoints()]) == 200
    assert status("a.pr-1.example.test", ingresses=wild, slices=[endpoints()]) == 503
