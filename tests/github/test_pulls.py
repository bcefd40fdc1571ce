import subprocess

import pytest

from eod.errors import CredentialsError, NotFoundError
from standins.github import faults

pytestmark = [pytest.mark.network, pytest.mark.process]


def test_a_pull_request_is_read_fresh_each_time(shop):
    forge = shop.forge()
    before = forge.pull_request(shop.number)
    assert (before.open, before.draft, before.author, before.head_ref) == (True, False, "octocat", "fix")
    assert before.head_sha == shop.repository.sha("fix")
    assert not before.is_from_fork("acme/shop")
    shop.repository.label(shop.number, "eod/tier: full")
    shop.repository.close(shop.number)
    after = forge.pull_request(shop.number)
    assert (after.open, after.merged, after.labels) == (False, False, ("eod/tier: full",))


def test_a_merged_one_is_merged(shop):
    shop.repository.close(shop.number, merged=True)
    assert shop.forge().pull_request(shop.number).merged


def test_a_fork_and_a_fork_that_is_gone(shop):
    fork = shop.repository.fork("mallory")
    fork.push("evil", {"README.md": "evil\n"}, author="mallory")
    number = shop.repository.open_pull("evil", fork=fork, author="mallory")
    assert shop.forge().pull_request(number).head_repository == "mallory/shop"
    fork.delete()
    gone = shop.forge().pull_request(number)
    assert gone.head_repository is None
    assert gone.is_from_fork("acme/shop")


def test_a_number_that_does_not_exist(shop):
    with pytest.raises(NotFoundError) as caught:
        shop.forge().pull_request(4711)
    assert "#4711" in caught.value.what
    assert "acme/shop" in caught.value.what
    assert caught.value.fix


@pytest.fixture
def crowded(shop):
    """104 more pull requests, all of one commit."""
    tip = shop.repository.sha("fix")
    refs = "".join(f"create refs/heads/b{index} {tip}\n" for index in range(104))
    command = ["git", "-C", str(shop.repository.path), "update-ref", "--stdin"]
    subprocess.run(command, input=refs.encode(), check=True)
    shop.repository.sync()
    for index in range(104):
        shop.repository.open_pull(f"b{index}")
    return shop


def test_all_open_ones_are_listed_over_all_pages_with_one_request_a_page(crowded):
    shop = crowded
    shop.repository.close(5)
    listed = shop.forge().open_pull_requests()
    assert len(listed) == 104
    assert 5 not in {pull.number for pull in listed}
    assert sum(1 for one in shop.github.requests if one.method == "GET") == 2


def test_a_listing_that_fails_half_way_is_an_error_and_never_a_part(crowded):
    shop = crowded
    shop.github.inject(faults.not_found(), "GET */pulls", skip=1)
    with pytest.raises(NotFoundError):
        shop.forge().open_pull_requests()


def test_a_token_without_the_permission_names_the_line(shop):
    hidden = shop.github.create_repository("acme", "hidden", private=True)
    hidden.push("main", {"README.md": "hello\n"})
    hidden.push("fix", {"README.md": "fixed\n"})
    number = hidden.open_pull("fix")
    shop.repository = hidden
    forge = shop.forge(shop.github.installation_token(hidden, {"contents": "read"}))
    with pytest.raises(CredentialsError) as caught:
        forge.pull_request(number)
    assert "`pull-requests: read`" in caught.value.fix
