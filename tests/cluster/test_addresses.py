import pytest

from eod.cluster.addresses import choose_address

HOST = "pr-1.preview.example.com"


def ingress(name, *, host=HOST, at=None):
    status = {"loadBalancer": {"ingress": at}} if at else {}
    rules = [] if host is None else [{"host": host}]
    return {"metadata": {"name": name}, "spec": {"rules": rules}, "status": status}


def service(name, *, kind="LoadBalancer", at=None, ports=()):
    status = {"loadBalancer": {"ingress": at}} if at else {}
    return {"metadata": {"name": name}, "spec": {"type": kind, "ports": list(ports)}, "status": status}


def choose(*, ingresses=(), services=(), scheme="http"):
    return choose_address(list(ingresses), list(services), HOST, scheme=scheme)


def test_nothing_has_an_address_yet():
    assert choose(ingresses=[ingress("a")], services=[service("b"), service("c", kind="ClusterIP")]) is None


def test_the_ingress_for_the_host_wins_over_all_others():
    others = [
        ingress("a", host="other.example.com", at=[{"ip": "10.0.0.1"}]),
        ingress("b", host=None, at=[{"ip": "10.0.0.2"}]),
        ingress("c", host="*.preview.example.com", at=[{"ip": "10.0.0.3"}]),
    ]
    found = choose(ingresses=[*others, ingress("d", host=HOST.upper(), at=[{"hostname": "lb.example.com"}])])

    assert (found.host, found.port, found.source) == ("lb.example.com", 80, "ingress d")


@pytest.mark.parametrize(
    ("hosts", "winner"),
    [
        (["other.example.com", "*.preview.example.com"], "*.preview.example.com"),
        (["other.example.com", None], None),
        ([None, "*.preview.example.com"], "*.preview.example.com"),
    ],
)
def test_a_wildcard_comes_before_no_host_before_another_host(hosts, winner):
    things = [ingress(f"i{n}", host=host, at=[{"ip": f"10.0.0.{n}"}]) for n, host in enumerate(hosts)]

    assert choose(ingresses=things).source == f"ingress i{hosts.index(winner)}"


def test_an_ingress_that_waits_for_its_address_does_not_hide_one_that_has_it():
    found = choose(ingresses=[ingress("a"), ingress("b", host="x.example.com", at=[{"ip": "10.0.0.9"}])])

    assert found.host == "10.0.0.9"


def test_a_service_serves_where_no_ingress_does():
    ports = [{"port": 9000, "name": "metrics"}, {"port": 8080, "name": "http"}]
    found = choose(services=[service("web", at=[{"hostname": "lb"}], ports=ports)])

    assert (found.port, found.source) == (8080, "service web")


@pytest.mark.parametrize(
    ("scheme", "ports", "expected"),
    [
        ("http", [], 80),
        ("https", [], 443),
        ("http", [{"port": 443}, {"port": 80}], 80),
        ("https", [{"port": 443}, {"port": 80}], 443),
        ("http", [{"port": 31080}], 31080),
        ("http", [{"port": 80, "error": "x"}, {"port": 8080}], 8080),
    ],
)
def test_the_port_is_what_the_status_says_or_the_schemes_own(scheme, ports, expected):
    found = choose(ingresses=[ingress("a", at=[{"ip": "10.0.0.1", "ports": ports}])], scheme=scheme)

    assert found.port == expected
