import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from github import GithubException, GithubRetry, RateLimitExceededException
from github.Repository import Repository as Remote

from standins import github as standin
from standins.github import Fault, GitHub, RepositoryControl, faults
from tests.runaway import RUNAWAY_SECONDS
from tests.standins.github.conftest import Client, Clock

pytestmark = [pytest.mark.network, pytest.mark.process]


@pytest.fixture
def number(shop: RepositoryControl) -> int:
    return shop.open_pull("fix")


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (faults.server_error, 502),
        (lambda: faults.server_error(500), 500),
        (faults.primary_rate_limit, 403),
        (lambda: faults.primary_rate_limit(status=429), 429),
        (faults.secondary_rate_limit, 403),
        (lambda: faults.secondary_rate_limit(status=429), 429),
        (faults.bad_credentials, 401),
        (faults.forbidden, 403),
        (faults.not_found, 404),
    ],
)
def test_a_fault_is_met_once_and_then_all_is_well(
    hub: GitHub, remote: Remote, number: int, make: Callable[[], Fault], status: int
) -> None:
    hub.inject(make(), "GET /repos/acme/shop/pulls/*")

    with pytest.raises(GithubException) as refused:
        remote.get_pull(number)

    assert refused.value.status == status
    assert remote.get_pull(number).number == number


def test_a_fault_is_for_the_route_and_the_times_that_were_asked(hub: GitHub, remote: Remote, number: int) -> None:
    injected = hub.inject(faults.server_error(), "POST */comments", times=2, skip=1)
    issue = remote.get_issue(number)

    issue.create_comment("passes")
    for _ in range(2):
        with pytest.raises(GithubException):
            issue.create_comment("fails")
    issue.create_comment("passes again")

    assert injected.hits == 2
    statuses = [one.status for one in hub.requests.matching("POST */comments")]
    assert statuses == [201, 502, 502, 201]


def test_a_fault_without_end_lasts_until_it_is_cleared(hub: GitHub, remote: Remote, number: int) -> None:
    hub.inject(faults.not_found(), times=None)
    for _ in range(3):
        with pytest.raises(GithubException):
            remote.get_pull(number)

    hub.faults.clear()

    assert remote.get_pull(number).number == number


def test_an_answer_may_be_lost_after_the_work_was_done(
    hub: GitHub, shop: RepositoryControl, remote: Remote, number: int
) -> None:
    hub.inject(faults.server_error(applied=True), "POST */comments")

    with pytest.raises(GithubException):
        remote.get_issue(number).create_comment("arrived")

    assert [one["body"] for one in shop.comments(number)] == ["arrived"]


def test_a_reset_connection_is_no_answer(hub: GitHub, shop: RepositoryControl, number: int) -> None:
    hub.inject(faults.connection_reset(), "GET /repos/acme/shop")

    with pytest.raises(requests.ConnectionError):
        requests.get(f"{hub.api_url}/repos/acme/shop", timeout=10)

    hub.inject(faults.connection_reset(), "GET /rate_limit")
    address = urlsplit(hub.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
        raw.sendall(b"GET /rate_limit HTTP/1.1\r\nHost: here\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(1)

    assert requests.get(f"{hub.api_url}/repos/acme/shop", timeout=10).ok
    assert [one.status for one in hub.requests.matching("GET /repos/acme/shop")] == [0, 200]


def test_a_slow_answer_comes_after_the_client_gave_up(hub: GitHub, shop: RepositoryControl) -> None:
    hub.inject(faults.slow(60), "GET /repos/acme/shop")

    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{hub.api_url}/repos/acme/shop", timeout=(RUNAWAY_SECONDS, 0.05))


def test_limits_tell_when_to_come_back(hub: GitHub, remote: Remote, number: int, clock: Clock) -> None:
    hub.inject(faults.primary_rate_limit(reset_in=90))
    with pytest.raises(RateLimitExceededException) as primary:
        remote.get_pull(number)
    hub.inject(faults.secondary_rate_limit(retry_after=7))
    with pytest.raises(RateLimitExceededException, match="secondary rate limit") as secondary:
        remote.get_pull(number)

    assert (primary.value.headers or {})["x-ratelimit-remaining"] == "0"
    assert (primary.value.headers or {})["x-ratelimit-reset"] == str(int(clock.now.timestamp()) + 90)
    assert (secondary.value.headers or {})["retry-after"] == "7"
    assert (secondary.value.headers or {})["x-ratelimit-remaining"] != "0"


def test_a_client_that_tries_again_gets_through(
    hub: GitHub, shop: RepositoryControl, client: Client, number: int
) -> None:
    hub.inject(faults.server_error(503), "GET */pulls/*", times=2)
    patient = client(hub.installation_token(shop), retry=GithubRetry(total=3, backoff_factor=0))

    assert patient.get_repo(shop.full_name).get_pull(number).number == number


def test_an_unknown_route_is_404_and_is_remembered(
    hub: GitHub, remote: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    hub.assert_no_unknown_routes()

    with pytest.raises(GithubException) as refused:
        remote.requester.requestJsonAndCheck("GET", "/repos/acme/shop/no/such/route")

    assert refused.value.status == 404
    assert "GET /repos/acme/shop/no/such/route" in caplog.text
    with pytest.raises(AssertionError, match="no/such/route"):
        hub.assert_no_unknown_routes()


def test_the_journal_knows_who_asked_what_but_no_token(hub: GitHub, remote: Remote, number: int) -> None:
    remote.get_issue(number).create_comment("hello")

    asked = hub.requests.matching("POST /repos/acme/shop/issues/*/comments")[0]

    assert (asked.login, asked.status, asked.json()) == ("github-actions[bot]", 201, {"body": "hello"})
    assert "ghs_" not in repr(asked) + repr(asked.headers)


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_the_same_answers_with_and_without_the_prefix_lead_back_to_it(
    hub: GitHub, client: Client, shop: RepositoryControl, prefix: str
) -> None:
    for name in ("one", "two", "three"):
        shop.push(name, {name: name})
        shop.open_pull(name)
    repository = client(None, base=hub.url + prefix).get_repo(shop.full_name)

    pulls = list(repository.get_pulls())

    assert len(pulls) == 3
    assert {pull.url.removeprefix(hub.url).rsplit("/", 1)[0] for pull in pulls} == {
        f"{prefix}/repos/acme/shop/pulls"
    }


def test_nonsense_is_refused_as_github_does(hub: GitHub, shop: RepositoryControl) -> None:
    token = {"Authorization": f"Bearer {hub.installation_token(shop)}"}
    url = f"{hub.api_url}/repos/acme/shop/issues"

    broken = requests.post(url, data="{", headers=token, timeout=10)
    listed = requests.post(url, data="[]", headers=token, timeout=10)
    odd = requests.get(url, params={"per_page": "x", "page": "-1"}, headers=token, timeout=10)
    version = requests.get(url, headers={**token, "X-GitHub-Api-Version": "1999-01-01"}, timeout=10)

    assert (broken.status_code, broken.json()["message"]) == (400, "Problems parsing JSON")
    assert listed.status_code == 400
    assert odd.status_code == 200
    assert version.status_code == 400


def test_many_threads_lose_nothing(hub: GitHub, shop: RepositoryControl, number: int) -> None:
    token = hub.installation_token(shop)

    def write(name: str) -> None:
        with requests.Session() as session:
            for count in range(5):
                answer = session.post(
                    f"{hub.api_url}/repos/acme/shop/issues/{number}/comments",
                    json={"body": f"{name} {count}"},
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=30,
                )
                assert answer.status_code == 201

    threads = [threading.Thread(target=write, args=(str(index),)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    bodies = [comment["body"] for comment in shop.comments(number)]
    assert len(set(bodies)) == 40
    assert len({comment["id"] for comment in shop.comments(number)}) == 40


def test_a_server_leaves_no_thread_and_no_connection_behind() -> None:
    before = set(threading.enumerate())
    with standin.server() as github, requests.Session() as session:
        github.create_repository("acme", "shop")
        session.get(f"{github.api_url}/repos/acme/shop", timeout=10)
        late = github.inject(faults.slow(60))
        waiting = threading.Thread(target=_ask_and_be_cut, args=(f"{github.api_url}/rate_limit",))
        waiting.start()
        while not late.hits:
            threading.Event().wait(0.001)
    waiting.join()

    assert set(threading.enumerate()) <= before
    with pytest.raises(requests.ConnectionError):
        requests.get(github.api_url, timeout=1)


def _ask_and_be_cut(url: str) -> None:
    with pytest.raises(requests.RequestException):
        requests.get(url, timeout=30)
