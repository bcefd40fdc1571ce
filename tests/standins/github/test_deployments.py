from typing import Any

import pytest
from github import GithubException
from github.Repository import Repository as Remote

from standins.github import GitHub, RepositoryControl
from tests.standins.github.conftest import Client

pytestmark = [pytest.mark.network, pytest.mark.process]


def deploy(remote: Remote, environment: str = "pr-121", **options: Any) -> Any:
    plain = {"auto_merge": False, "required_contexts": [], "transient_environment": True}
    return remote.create_deployment("fix", environment=environment, **{**plain, **options})


def test_a_deployment_and_its_statuses(shop: RepositoryControl, remote: Remote) -> None:
    deployment = deploy(remote, payload={"tier": "full"})

    deployment.create_status("in_progress")
    deployment.create_status("success", environment_url="https://pr-121.example.com", description="ready")

    assert [status.state for status in deployment.get_statuses()] == ["success", "in_progress"]
    assert remote.get_deployment(deployment.id).payload == {"tier": "full"}
    assert [one["environment"] for one in shop.deployments()] == ["pr-121"]
    assert shop.deployment_state(deployment.id) == "success"
    assert shop.deployment_statuses(deployment.id)[-1]["environment_url"] == "https://pr-121.example.com"
    assert shop.environments() == ["pr-121"]


def test_deployments_are_listed_newest_first_and_by_environment(remote: Remote) -> None:
    made = [deploy(remote, environment).id for environment in ("pr-1", "pr-2", "pr-1")]

    assert [one.id for one in remote.get_deployments()] == made[::-1]
    assert [one.id for one in remote.get_deployments(environment="pr-1")] == [made[2], made[0]]


@pytest.mark.parametrize(("transient", "states"), [(True, ["success"]), (False, ["success", "inactive"])])
def test_a_later_success_retires_earlier_ones_that_are_not_transient(
    shop: RepositoryControl, remote: Remote, transient: bool, states: list[str]
) -> None:
    first = deploy(remote, transient_environment=transient)
    first.create_status("success")

    deploy(remote, transient_environment=transient).create_status("success")

    assert [one["state"] for one in shop.deployment_statuses(first.id)] == states


def test_what_is_not_inactive_is_active(shop: RepositoryControl, remote: Remote) -> None:
    gone, there = deploy(remote, "pr-1"), deploy(remote, "pr-2")

    gone.create_status("inactive")

    assert [one["id"] for one in shop.active_deployments()] == [there.id]


def test_checks_that_have_not_passed_stand_in_the_way_unless_none_is_required(
    shop: RepositoryControl, remote: Remote
) -> None:
    remote.create_check_run("preview", shop.sha("fix"), status="in_progress")

    with pytest.raises(GithubException, match="Commit status checks failed") as refused:
        remote.create_deployment("fix", environment="pr-121", auto_merge=False)

    assert refused.value.status == 409
    assert deploy(remote).environment == "pr-121"


def test_auto_merge_brings_a_branch_up_to_date_instead_of_deploying_it(
    shop: RepositoryControl, remote: Remote
) -> None:
    shop.push("main", {"later.txt": "on main\n"})
    head = shop.sha("fix")

    status, _, answer = remote.requester.requestJson("POST", "/repos/acme/shop/deployments", input={"ref": "fix"})

    assert status == 202
    assert "Auto-merged main into fix" in answer
    assert shop.sha("fix") != head
    assert shop.deployments() == []


def test_auto_merge_reports_a_conflict(shop: RepositoryControl, remote: Remote) -> None:
    shop.push("main", {"src/cart.py": "one = 9\n"})

    with pytest.raises(GithubException, match="Conflict merging main into fix") as refused:
        remote.create_deployment("fix", environment="pr-121")

    assert refused.value.status == 409


def test_a_description_has_140_characters_at_most(remote: Remote) -> None:
    with pytest.raises(GithubException, match="description is too long"):
        deploy(remote).create_status("success", description="x" * 141)


def test_an_active_deployment_beside_others_cannot_be_deleted(remote: Remote) -> None:
    deploy(remote)
    second = deploy(remote)

    with pytest.raises(GithubException, match="We cannot delete an active deployment"):
        remote.requester.requestJsonAndCheck("DELETE", second.url)

    second.create_status("inactive")
    remote.requester.requestJsonAndCheck("DELETE", second.url)
    assert len(list(remote.get_deployments())) == 1


def test_deleting_an_environment_takes_more_than_a_workflows_token(
    hub: GitHub, shop: RepositoryControl, remote: Remote, client: Client
) -> None:
    deploy(remote)
    with pytest.raises(GithubException, match="Resource not accessible by integration") as refused:
        remote.delete_environment("pr-121")
    assert refused.value.status == 403
    assert shop.environments() == ["pr-121"]

    shop.add_collaborator("boss", "admin")
    client(hub.personal_token("boss")).get_repo(shop.full_name).delete_environment("pr-121")

    assert shop.environments() == []
