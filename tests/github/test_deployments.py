import pytest

from eod.errors import CancelledError, CredentialsError, GitHubError
from standins.github import faults

pytestmark = [pytest.mark.network, pytest.mark.process]

ENVIRONMENT = "preview/pr-1"


def create(shop, forge, branch="fix", description="Tier full"):
    return forge.create_deployment(
        sha=shop.repository.sha(branch), environment=ENVIRONMENT, description=description
    )


def test_a_deployment_is_transient_and_asks_for_no_checks(shop):
    create(shop, shop.forge())
    made = shop.repository.deployments(ENVIRONMENT)[0]
    assert made["transient_environment"] is True
    assert made["production_environment"] is False
    assert made["sha"] == shop.repository.sha("fix")


def test_behind_its_base_with_red_checks_it_is_made_all_the_same(shop):
    shop.repository.push("main", {"other.txt": "newer\n"})
    assert create(shop, shop.forge()) is not None


def test_statuses_carry_both_links_and_descriptions_are_cut(shop):
    forge = shop.forge()
    made = create(shop, forge, description="x" * 200)
    forge.deployment_status(made, state="in_progress", url="", log_url="https://log", description="y" * 200)
    forge.deployment_status(made, state="success", url="https://pr-1.acme.test", log_url="", description="Ready")
    first, second = shop.repository.deployment_statuses(made)
    assert (first["state"], first["log_url"], len(first["description"])) == ("in_progress", "https://log", 140)
    assert (second["state"], second["environment_url"]) == ("success", "https://pr-1.acme.test")


def test_a_second_success_does_not_touch_the_first(shop):
    forge = shop.forge()
    for _ in range(2):
        made = create(shop, forge)
        forge.deployment_status(made, state="success", url="https://a.test", log_url="", description="Ready")
    assert len(shop.repository.active_deployments()) == 2


def test_retiring_marks_every_one_inactive_and_can_be_repeated(shop):
    forge = shop.forge()
    made = [create(shop, forge) for _ in range(102)]
    forge.deployment_status(made[0], state="success", url="https://a.test", log_url="", description="Ready")
    forge.deployment_status(made[1], state="failure", url="", log_url="", description="Failed")
    other = forge.create_deployment(sha=shop.repository.sha("fix"), environment="preview/pr-2", description="")
    assert forge.retire_deployments(ENVIRONMENT) == 102
    assert [one["id"] for one in shop.repository.active_deployments()] == [other]
    assert forge.retire_deployments(ENVIRONMENT) == 0


def test_an_environment_that_may_not_be_deleted_is_no_failure(shop):
    forge = shop.forge()
    create(shop, forge)
    forge.retire_deployments(ENVIRONMENT)
    assert shop.notices == []
    assert "administration rights" in shop.said[0]


def test_with_administration_rights_the_environment_goes(shop):
    token = shop.github.installation_token(
        shop.repository, {"deployments": "write", "administration": "write"}, app="acme-previews"
    )
    forge = shop.forge(token)
    create(shop, forge)
    forge.retire_deployments(ENVIRONMENT)
    assert shop.repository.environments() == []
    assert forge.retire_deployments(ENVIRONMENT) == 0


def test_without_the_permission_it_is_said_once_and_the_run_goes_on(shop):
    forge = shop.forge(shop.github.installation_token(shop.repository, {"deployments": "read"}))
    assert create(shop, forge) is None
    assert create(shop, forge) is None
    forge.deployment_status(1, state="success", url="", log_url="", description="")
    assert len(shop.notices) == 1
    assert "`deployments: write`" in shop.notices[0]


def test_retiring_without_the_permission_is_no_failure(shop):
    create(shop, shop.forge())
    forge = shop.forge(shop.github.installation_token(shop.repository, {"deployments": "read"}))
    assert forge.retire_deployments(ENVIRONMENT) == 0
    assert len(shop.notices) == 1


def test_a_commit_that_is_gone_is_no_failure(shop):
    assert shop.forge().create_deployment(sha="0" * 40, environment=ENVIRONMENT, description="") is None
    assert "No ref found" in shop.notices[0]


def test_a_lost_answer_makes_no_second_deployment(shop):
    shop.github.inject(faults.server_error(502, applied=True), "POST */deployments")
    made = create(shop, shop.forge())
    assert [one["id"] for one in shop.repository.deployments()] == [made]


def test_a_status_that_got_lost_is_sent_again(shop):
    forge = shop.forge()
    made = create(shop, forge)
    shop.github.inject(faults.server_error(502), "POST */statuses")
    forge.deployment_status(made, state="success", url="", log_url="", description="")
    assert shop.repository.deployment_state(made) == "success"


def test_an_outage_while_reporting_is_a_notice_and_while_retiring_an_error(shop):
    forge = shop.forge()
    made = create(shop, forge)
    shop.github.inject(faults.server_error(503), "*deployments*", times=None)
    forge.deployment_status(made, state="success", url="", log_url="", description="")
    assert len(shop.notices) == 1
    with pytest.raises(GitHubError):
        forge.retire_deployments(ENVIRONMENT)


def test_a_token_that_is_no_longer_good_is_an_error(shop):
    token = shop.github.installation_token(shop.repository)
    shop.github.revoke(token)
    with pytest.raises(CredentialsError):
        create(shop, shop.forge(token))


def test_a_cancel_while_waiting_is_no_notice(shop):
    def cancelled(_seconds):
        raise CancelledError("The run was cancelled.")

    shop.github.inject(faults.secondary_rate_limit(retry_after=60), "POST */deployments")
    with pytest.raises(CancelledError):
        create(shop, shop.forge(wait=cancelled))
    assert shop.notices == []
