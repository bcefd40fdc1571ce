import threading
from datetime import timedelta

import pytest

from eod.errors import CancelledError, GitHubError
from eod.github.client import Client
from eod.github.forge import GitHubForge
from standins.github import faults

pytestmark = [pytest.mark.network, pytest.mark.process]

BODY = "<!-- eod-action: {} -->\nready"


@pytest.mark.parametrize("status", [403, 429])
def test_retry_after_is_waited_for_and_told(shop, status):
    shop.github.inject(faults.secondary_rate_limit(retry_after=61, status=status), "GET */pulls/*")
    assert shop.forge().pull_request(shop.number).number == shop.number
    assert shop.waits == [61.0]
    assert "waiting 61 s" in shop.said[0]


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_without_retry_after_waits_a_minute(shop, status):
    shop.github.inject(faults.secondary_rate_limit(retry_after=None, status=status), "GET */pulls/*")
    shop.forge().pull_request(shop.number)
    assert shop.waits == [60]


@pytest.mark.parametrize("status", [403, 429])
def test_the_primary_limit_is_waited_for_until_its_reset(shop, status):
    shop.github.inject(faults.primary_rate_limit(reset_in=300, status=status), "GET */pulls/*")
    shop.forge().pull_request(shop.number)
    assert 295 <= shop.waits[0] <= 302


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_writes_are_repeated_after_a_limit_since_nothing_was_done(shop, method):
    shop.forge().put_comment(shop.number, BODY if method == "PATCH" else "<!-- other -->\n", None)
    shop.github.inject(faults.secondary_rate_limit(retry_after=7), f"{method} *comments*")
    assert shop.forge().put_comment(shop.number, f"{BODY}!", None) is not None
    assert shop.waits == [7.0]


def test_a_wait_that_is_too_long_is_an_error_at_once(shop):
    token = shop.github.installation_token(shop.repository)
    shop.github.exhaust(token, reset_in=timedelta(minutes=50))
    with pytest.raises(GitHubError) as caught:
        shop.forge(token).pull_request(shop.number)
    assert "rate limit" in caught.value.what
    assert shop.waits == []


def test_retry_after_is_bounded_too(shop):
    shop.github.inject(faults.secondary_rate_limit(retry_after=3600), "GET */pulls/*")
    with pytest.raises(GitHubError):
        shop.forge().pull_request(shop.number)
    assert shop.waits == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.secondary_rate_limit(retry_after=1),
        faults.secondary_rate_limit(retry_after=None),
        faults.primary_rate_limit(reset_in=1),
        faults.server_error(502),
        faults.connection_reset(),
    ],
)
def test_in_haste_nothing_is_waited_for(shop, fault):
    forge = shop.forge()
    forge.pull_request(shop.number)
    shop.github.inject(fault, "GET */pulls/*")
    with forge.hasty(), pytest.raises(GitHubError):
        forge.pull_request(shop.number)
    assert shop.waits == []
    assert forge.pull_request(shop.number).open


def test_passing_server_errors_are_retried_with_growing_pauses(shop):
    shop.github.inject(faults.server_error(502), "GET */pulls/*", times=3)
    shop.forge().pull_request(shop.number)
    assert shop.waits == sorted(shop.waits)
    assert shop.waits


def test_a_broken_connection_is_tried_again(shop):
    shop.github.inject(faults.connection_reset(), "GET */pulls/*")
    assert shop.forge().pull_request(shop.number).open


def test_tries_come_to_an_end(shop):
    shop.github.inject(faults.secondary_rate_limit(retry_after=2), "GET */pulls/*", times=None)
    with pytest.raises(GitHubError):
        shop.forge().pull_request(shop.number)
    assert len(shop.waits) <= 5


def test_a_cancel_ends_the_wait(shop):
    def cancelled(_seconds):
        raise CancelledError("The run was cancelled.")

    shop.github.inject(faults.secondary_rate_limit(retry_after=60), "GET */pulls/*")
    with pytest.raises(CancelledError):
        shop.forge(wait=cancelled).pull_request(shop.number)


def test_threads_do_not_get_each_others_answers(shop):
    forge = shop.forge()
    numbers = [shop.number] + [shop.repository.open_issue(f"issue {index}") for index in range(3)]
    wrong = []

    def work(number):
        for round_ in range(5):
            forge.put_comment(number, f"<!-- {number} -->\nround {round_}", None)
            got = forge.pull_request(shop.number)
            if got.number != shop.number:
                wrong.append(got)

    threads = [threading.Thread(target=work, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    for number in numbers:
        assert [one["body"] for one in shop.repository.comments(number)] == [f"<!-- {number} -->\nround 4"]


def test_writes_keep_the_distance_that_github_asks_for(shop, monkeypatch):
    paused: list[float] = []
    monkeypatch.setattr("github.Requester.time.sleep", paused.append)
    client = Client(
        token=shop.github.installation_token(shop.repository),
        repository=shop.repository.full_name,
        api_url=shop.github.api_url,
    )
    forge = GitHubForge(client, notice=shop.notices.append, say=shop.said.append)
    forge.add_comment(shop.number, "one")
    forge.add_comment(shop.number, "two")
    assert any(0.5 < seconds <= 1 for seconds in paused)
