import pytest

from standins.github import faults

pytestmark = [pytest.mark.network, pytest.mark.process]
PREVIEW = ".github/workflows/preview.yml"


def test_a_run_that_works_and_one_that_is_over(shop):
    run = shop.repository.start_run(number=shop.number)
    forge = shop.forge()
    assert forge.is_run_over(run, 1) is False
    shop.repository.finish_run(run, "cancelled")
    assert forge.is_run_over(run, 1) is True


def test_an_earlier_attempt_is_over_when_a_later_one_works(shop):
    assert shop.forge().is_run_over(shop.repository.start_run(number=shop.number), 0) is True


def test_a_run_that_was_deleted_is_over(shop):
    assert shop.forge().is_run_over(4711, 1) is True


@pytest.mark.parametrize("fault", [faults.forbidden(), faults.server_error()], ids=["forbidden", "down"])
def test_what_github_does_not_tell_is_unknown_and_said_once(shop, fault):
    run = shop.repository.start_run(number=shop.number)
    shop.github.inject(fault, on="GET */actions/runs*", times=None)
    forge = shop.forge()
    assert [forge.is_run_over(run, 1), forge.is_run_over(run, 1)] == [None, None]
    assert forge.has_run_for(shop.repository.sha("fix"), PREVIEW) is None
    assert len([line for line in shop.said if "workflow run" in line]) == 1


def test_a_private_repository_tells_only_who_may_read_its_runs(shop):
    secret = shop.github.create_repository("acme", "secret", private=True)
    secret.push("main", {"README.md": "hello\n"})
    secret.push("fix", {"README.md": "fixed\n"})
    run = secret.start_run(number=secret.open_pull("fix"))
    shop.repository = secret
    blind = shop.forge(shop.github.installation_token(secret, {"contents": "write"}))
    assert blind.is_run_over(run, 1) is None
    assert "actions: read" in "".join(shop.said)
    seeing = shop.forge(shop.github.installation_token(secret, {"actions": "read", "contents": "read"}))
    assert seeing.is_run_over(run, 1) is False


def test_whether_a_push_started_a_run_of_the_same_workflow(shop):
    forge, head = shop.forge(), shop.repository.sha("fix")
    assert forge.has_run_for(head, PREVIEW) is False
    shop.repository.start_run(number=shop.number, workflow=".github/workflows/lint.yml")
    assert forge.has_run_for(head, PREVIEW) is False
    shop.repository.start_run(number=shop.number, workflow=PREVIEW)
    assert forge.has_run_for(head, PREVIEW) is True


def test_until_when_a_run_can_have_worked(shop):
    run = shop.repository.start_run(number=shop.number)
    shop.repository.finish_run(run, "cancelled")
    ended = shop.forge().run_ended_at(run, 1)
    assert ended is not None
    assert ended.tzinfo is not None
    earlier = shop.forge().run_ended_at(run, 0)
    assert earlier is not None
    assert earlier <= ended
    assert shop.forge().run_ended_at(4711, 1) is None
