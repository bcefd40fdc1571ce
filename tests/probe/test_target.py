import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.model.kube import LoadBalancer
from eod.probe.target import redirected, target_of

HOST = "pr-1.preview.example.com"
BALANCER = LoadBalancer(host="lb.example.net", port=80, source="ingress web")


def test_a_url_is_asked_where_its_name_leads():
    target = target_of(f"https://{HOST}/health?x=1", None)

    assert target.direct
    assert target.url == f"https://{HOST}/health?x=1"
    assert target.host_header == HOST


def test_a_port_of_its_own_is_part_of_the_host_header():
    assert target_of(f"http://{HOST}:8080/", None).host_header == f"{HOST}:8080"


def test_a_load_balancer_is_asked_under_the_environments_name():
    target = target_of(f"http://{HOST}/health", LoadBalancer(host="10.0.0.1", port=31080, source="x"))

    assert target.url == "http://10.0.0.1:31080/health"
    assert target.host_header == HOST
    assert not target.direct


def test_an_ipv6_address_is_bracketed():
    target = target_of(f"http://{HOST}/", LoadBalancer(host="fd00::1", port=80, source="x"))

    assert target.url == "http://[fd00::1]/"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/login", "http://lb.example.net/login"),
        (f"http://{HOST}/a?b=c", "http://lb.example.net/a?b=c"),
        (f"https://{HOST}/", "https://lb.example.net/"),
        (f"https://{HOST}:443/x", "https://lb.example.net/x"),
        (f"https://{HOST}:8443/x", "https://lb.example.net:8443/x"),
        (f"http://{HOST.upper()}/", "http://lb.example.net/"),
        ("http://lb.example.net/x", "http://lb.example.net/x"),
    ],
)
def test_redirects_on_the_same_host_are_followed_through_the_load_balancer(location, expected):
    onward = redirected(target_of(f"http://{HOST}/", BALANCER), location)

    assert onward is not None
    assert onward.url == expected
    assert onward.hostname == HOST


@pytest.mark.parametrize(
    "location",
    [
        "",
        "https://login.example.com/",
        "http://169.254.169.254/latest/meta-data",
        f"ftp://{HOST}/",
        "file:///etc/passwd",
        f"http://{HOST}.evil.example/",
        f"http://{HOST}@evil.example/",
        "//evil.example/",
        f"http://{HOST}:99999/",
        "http://[::1",
    ],
)
def test_redirects_that_leave_the_host_are_not_followed(location):
    assert redirected(target_of(f"http://{HOST}/", BALANCER), location) is None


def test_a_circle_of_redirects_ends():
    target = target_of(f"http://{HOST}/", None)
    for _ in range(5):
        onward = redirected(target, "/")
        assert onward is not None
        target = onward
    assert redirected(target, "/") is None


@given(st.text())
def test_no_location_leads_to_another_address(location):
    onward = redirected(target_of(f"http://{HOST}/", BALANCER), location)

    assert onward is None or (onward.address, onward.hostname) == ("lb.example.net", HOST)
