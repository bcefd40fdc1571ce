from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import structs

from eod.errors import CredentialsError, EodError
from eod.git.process import Credential
from eod.model.record import Phase
from eod.records.machine import move
from standins import github as standin
from standins.github import faults
from tests.records.conftest import BRANCH, NOW, record

pytestmark = [pytest.mark.network, pytest.mark.process]


@pytest.fixture
def hub():
    with standin.server() as github:
        yield github


@pytest.fixture
def shop(hub):
    repository = hub.create_repository("acme", "shop", private=True)
    repository.push("main", {"README.md": "# Shop\n"})
    return repository


@pytest.fixture
def open_here(hub, shop, open_store):
    def make(permissions=None, token=None, **options):
        given = token or hub.installation_token(shop, permissions or {"contents": "write"})
        return open_store(shop.clone_url, credential=Credential(server=hub.url, token=given), **options)

    return make


def test_a_record_is_kept_on_github(open_here, shop):
    store = open_here()
    assert store.all() == ()
    store.update("pr-1", lambda _: record(), "pr-1: requested")
    store.update("pr-1", lambda now: move(now, Phase.PLANNED, NOW), "pr-1: planned")
    assert open_here({"contents": "read"}).get("pr-1").phase is Phase.PLANNED
    assert shop.sha(BRANCH)


def test_a_token_that_may_only_read_is_told_what_to_give_it(open_here):
    store = open_here({"contents": "read"})
    with pytest.raises(CredentialsError) as caught:
        store.update("pr-1", lambda _: record(), "pr-1: requested")
    assert "contents: write" in caught.value.fix
    assert store.all() == ()


@pytest.mark.parametrize("token", ["ghs_invented"])
def test_a_token_that_is_not_valid_is_an_error_and_never_an_empty_list(open_here, token):
    store = open_here(token=token)
    with pytest.raises(CredentialsError) as caught:
        store.all()
    assert token not in str(caught.value)


def test_without_a_token_a_private_repository_is_an_error(open_store, shop):
    with pytest.raises(EodError):
        open_store(shop.clone_url).all()


def test_a_bad_moment_of_the_server_passes(hub, open_here):
    store = open_here(wait=lambda _: None)
    hub.inject(faults.server_error(502), "GET /acme/shop.git/*", times=2)
    store.update("pr-1", lambda _: record(), "pr-1: requested")
    assert store.get("pr-1") == record()


def test_a_push_whose_answer_is_lost_is_not_made_twice(hub, open_here, shop):
    store, other = open_here(wait=lambda _: None), open_here()
    store.update("pr-1", lambda _: record(), "pr-1: requested")
    asked = []

    def decide(now):
        asked.append(now.phase)
        return move(now, Phase.PLANNED, NOW)

    hub.inject(faults.server_error(502, applied=True), "POST /acme/shop.git/git-receive-pack", times=1)
    assert store.update("pr-1", decide, "pr-1: planned").phase is Phase.PLANNED
    assert asked == [Phase.REQUESTED]
    assert other.get("pr-1").phase is Phase.PLANNED


def test_a_push_that_did_not_arrive_is_made_again(hub, open_here):
    store = open_here(wait=lambda _: None)
    store.update("pr-1", lambda _: record(), "pr-1: requested")
    hub.inject(faults.server_error(502), "POST /acme/shop.git/git-receive-pack", times=1)
    store.update("pr-1", lambda now: move(now, Phase.PLANNED, NOW), "pr-1: planned")
    assert store.get("pr-1").phase is Phase.PLANNED


def test_many_jobs_write_over_http_and_nothing_is_lost(open_here):
    def note(mark):
        def decide(now):
            before = now or record()
            return structs.replace(before, capabilities=(*before.capabilities, mark))

        return decide

    def work(name):
        store = open_here()
        for number in range(3):
            store.update("pr-1", note(f"{name}{number}"), f"pr-1: {name} {number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, "abcd"))
    assert sorted(open_here().get("pr-1").capabilities) == [
        f"{name}{number}" for name in "abcd" for number in range(3)
    ]
