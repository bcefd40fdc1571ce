import pytest
import requests

from standins.kubernetes.controllers.balancers import HOLD_ANNOTATION, INGRESS_FINALIZER

pytestmark = pytest.mark.network


def _ingress(host="a.example.com", path="/", kind="Prefix"):
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
    return {"metadata": {"name": "web"}, "spec": {"rules": [rule]}}


def _get(cluster, host, path="/"):
    url = f"http://127.0.0.1:{cluster.load_balancer_port}{path}"
    answer = requests.get(url, headers={"Host": host}, timeout=5)
    return answer.status_code, answer.text


def test_an_unknown_host_is_not_found(cluster):
    assert _get(cluster, "nobody.example.com")[0] == 404


def test_a_host_without_ready_pods_is_unavailable(cluster, hands):
    hands.create("ingresses.networking.k8s.io", _ingress())
    assert _get(cluster, "a.example.com")[0] == 503
    assert _get(cluster, "A.Example.com:80")[0] == 503


def test_a_ready_host_answers_a_page_that_escapes_what_it_shows(cluster, hands):
    hands.create("ingresses.networking.k8s.io", _ingress(host="*.example.com", path="/app"))
    hands.create(
        "services", {"metadata": {"name": "web"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}}
    )
    spec = {"containers": [{"name": "app", "image": "app:1"}]}
    hands.create("pods", {"metadata": {"name": "one", "labels": {"a": "b"}}, "spec": spec})
    hands.until(lambda: any(item.get("endpoints") for item in hands.all("endpointslices.discovery.k8s.io")))
    code, page = _get(cluster, "<b>.example.com", "/app/deeper")
    assert code == 200
    assert "<b>" not in page
    assert "Served by web in default" in page
    assert _get(cluster, "x.example.com", "/other")[0] == 404


def test_a_load_balancer_can_be_made_to_stay(hands):
    hands.create("ingresses.networking.k8s.io", _ingress())
    hands.until(lambda: hands.find("ingresses.networking.k8s.io", "web")["metadata"].get("finalizers"))
    hands.patch("ingresses.networking.k8s.io", "web", {"metadata": {"annotations": {HOLD_ANNOTATION: "yes"}}})
    resource = hands.api.type("ingresses.networking.k8s.io")
    from standins.kubernetes.api import Deletion

    held = hands.api.delete(resource, "default", "web", Deletion())
    assert held["metadata"]["finalizers"] == [INGRESS_FINALIZER]
    hands.patch("ingresses.networking.k8s.io", "web", {"metadata": {"annotations": {HOLD_ANNOTATION: None}}})
    hands.until(lambda: hands.find("ingresses.networking.k8s.io", "web") is None)
