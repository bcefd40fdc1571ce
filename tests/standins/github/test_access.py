from datetime import timedelta

import pytest
import requests
from github import BadCredentialsException, GithubException, RateLimitExceededException, UnknownObjectException
from github.Repository import Repository as Remote

from standins.github import GitHub, RepositoryControl
from tests.standins.github.conftest import Client, Clock

pytestmark = [pytest.mark.network, pytest.mark.process]


def test_a_user_is_somebody_and_a_workflow_is_nobody(hub: GitHub, shop: RepositoryControl, client: Client) -> None:
    assert client(hub.personal_token("dev")).get_user().login == "dev"

    with pytest.raises(GithubException, match="Resource not accessible by integration") as refused:
        assert client(hub.installation_token(shop)).get_user().login
    assert refused.value.status == 403


def test_unknown_and_revoked_tokens_are_bad_credentials(
    hub: GitHub, shop: RepositoryControl, client: Client
) -> None:
    token = hub.installation_token(shop)
    hub.revoke(token)

    for bad in ("ghp_invented", token):
        with pytest.raises(BadCredentialsException):
            client(bad).get_repo(shop.full_name)


def test_a_stranger_reads_what_is_public_and_writes_nothing(shop: RepositoryControl, client: Client) -> None:
    number = shop.open_pull("fix")
    repository = client(None).get_repo(shop.full_name)

    assert repository.get_pull(number).number == number
    with pytest.raises(GithubException) as refused:
        repository.get_issue(number).create_comment("hello")
    assert refused.value.status == 401


def test_a_private_repository_does_not_exist_for_strangers(hub: GitHub, client: Client) -> None:
    secret = hub.create_repository("acme", "secret", private=True)
    secret.push("main", {"a": "1"})

    for token in (None, hub.personal_token("stranger")):
        with pytest.raises(UnknownObjectException):
            client(token).get_repo("acme/secret")
    assert client(hub.installation_token(secret)).get_repo("acme/secret").private


def test_an_installation_token_may_what_it_was_granted(
    hub: GitHub, shop: RepositoryControl, client: Client
) -> None:
    number = shop.open_pull("fix")
    weak = client(hub.installation_token(shop, {"contents": "read", "pull-requests": "read"}))

    with pytest.raises(GithubException, match="Resource not accessible by integration") as refused:
        weak.get_repo(shop.full_name).get_issue(number).create_comment("hello")

    assert refused.value.status == 403
    needed = refused.value.headers or {}
    assert needed["x-accepted-github-permissions"] == "issues=write; pull_requests=write"


def test_an_installation_token_stays_in_its_repository(
    hub: GitHub, shop: RepositoryControl, client: Client
) -> None:
    number = shop.open_pull("fix")
    elsewhere = hub.create_repository("acme", "elsewhere")

    with pytest.raises(GithubException) as refused:
        client(hub.installation_token(elsewhere)).get_repo(shop.full_name).get_issue(number).create_comment("hi")

    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("role", "told", "coarse"),
    [("admin", "admin", "admin"), ("maintain", "maintain", "write"), ("triage", "triage", "read")],
)
def test_roles_are_told_finely_and_coarsely(
    shop: RepositoryControl, remote: Remote, role: str, told: str, coarse: str
) -> None:
    shop.add_collaborator("dev", role)

    assert remote.get_collaborator_permission("dev") == coarse
    assert remote.get_collaborator_role_name("dev") == told


def test_who_is_no_collaborator_has_read_on_what_is_public(
    hub: GitHub, shop: RepositoryControl, remote: Remote
) -> None:
    hub.personal_token("passer-by")

    assert remote.get_collaborator_permission("passer-by") == "read"


def test_workflow_permissions_are_for_administrators(hub: GitHub, shop: RepositoryControl) -> None:
    shop.set_workflow_permissions("write", approve_reviews=True)
    shop.add_collaborator("boss", "admin")

    def ask(token: str) -> requests.Response:
        url = f"{hub.api_url}/repos/acme/shop/actions/permissions/workflow"
        return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    assert ask(hub.installation_token(shop)).status_code == 403
    assert ask(hub.personal_token("boss")).json() == {
        "default_workflow_permissions": "write",
        "can_approve_pull_request_reviews": True,
    }


def test_team_members_are_told_to_those_who_may_know(hub: GitHub, shop: RepositoryControl) -> None:
    hub.add_team("acme", "platform", {"dev"})

    def ask(token: str, login: str) -> int:
        url = f"{hub.api_url}/orgs/acme/teams/platform/memberships/{login}"
        return requests.get(url, headers={"Authorization": f"token {token}"}, timeout=10).status_code

    reader = hub.installation_token(shop, {"members": "read"}, app="preview-bot")
    assert ask(reader, "dev") == 200
    assert ask(reader, "stranger") == 404
    assert ask(hub.installation_token(shop), "dev") == 403


def test_the_hours_requests_run_out_and_come_back(
    hub: GitHub, shop: RepositoryControl, client: Client, clock: Clock
) -> None:
    one = client(hub.installation_token(shop, limit=2))
    one.get_repo(shop.full_name)
    one.get_repo(shop.full_name)

    with pytest.raises(RateLimitExceededException) as refused:
        one.get_repo(shop.full_name)
    headers = refused.value.headers or {}
    assert headers["x-ratelimit-remaining"] == "0"
    assert int(headers["x-ratelimit-reset"]) == int((clock.now + timedelta(hours=1)).timestamp())
    assert one.get_rate_limit().resources.core.remaining == 0

    clock.pass_by(timedelta(hours=1))
    assert one.get_repo(shop.full_name).name == "shop"


def test_an_exhausted_token_says_when_it_is_good_again(
    hub: GitHub, shop: RepositoryControl, client: Client, clock: Clock
) -> None:
    token = hub.installation_token(shop)
    hub.exhaust(token, reset_in=timedelta(minutes=5))

    core = client(token).get_rate_limit().resources.core

    assert (core.remaining, core.limit) == (0, 1000)
    assert core.reset == clock.now + timedelta(minutes=5)


def test_what_has_not_changed_is_free(hub: GitHub, shop: RepositoryControl) -> None:
    token = {"Authorization": f"token {hub.installation_token(shop)}"}
    url = f"{hub.api_url}/repos/acme/shop"
    first = requests.get(url, headers=token, timeout=10)

    again = requests.get(url, headers={**token, "If-None-Match": first.headers["etag"]}, timeout=10)
    shop.open_pull("fix")
    changed = requests.get(url, headers={**token, "If-None-Match": first.headers["etag"]}, timeout=10)

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"] == "1"
    assert changed.status_code == 200
