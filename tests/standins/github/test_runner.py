import pytest

from standins.github import GitHub, RepositoryControl

pytestmark = [pytest.mark.network, pytest.mark.process]


def place(shop: RepositoryControl, name: str, payload: dict[str, object]) -> tuple[str, str, str, str]:
    told = shop.runner_environment(name, payload)
    return told["GITHUB_REF"], told["GITHUB_SHA"], told["GITHUB_HEAD_REF"], told["GITHUB_BASE_REF"]


def test_a_pull_request_runs_on_its_merge(shop: RepositoryControl) -> None:
    number = shop.open_pull("fix")
    merge = f"refs/pull/{number}/merge"

    assert place(shop, "pull_request", shop.event_payload(number, "opened")) == (
        merge, shop.sha(merge), "fix", "main",
    )  # fmt: skip
    target = place(shop, "pull_request_target", shop.event_payload(number, "opened"))
    assert target == ("refs/heads/main", shop.sha("main"), "fix", "main")


def test_after_a_merge_the_ref_is_the_base_branch(shop: RepositoryControl) -> None:
    number = shop.open_pull("fix")
    shop.close(number, merged=True)

    told = place(shop, "pull_request", shop.event_payload(number, "closed"))

    assert told == ("refs/heads/main", shop.sha("main"), "fix", "main")


def test_comments_schedules_and_dispatches_run_on_a_branch(shop: RepositoryControl) -> None:
    comment = shop.comment(shop.open_pull("fix"), "/eod up", author="dev")
    main = ("refs/heads/main", shop.sha("main"), "", "")

    assert place(shop, "issue_comment", shop.comment_payload(comment)) == main
    assert place(shop, "schedule", shop.schedule_payload("17 * * * *")) == main
    dispatched = place(shop, "workflow_dispatch", shop.dispatch_payload(ref="refs/heads/fix"))
    assert dispatched == ("refs/heads/fix", shop.sha("fix"), "", "")


def test_a_run_has_its_numbers(hub: GitHub, shop: RepositoryControl) -> None:
    number = shop.open_pull("fix", author="dev")
    run = shop.start_run(number=number, author="dev")

    told = shop.runner_environment("pull_request", shop.event_payload(number, "opened", author="dev"), run_id=run)

    assert (told["GITHUB_RUN_ID"], told["GITHUB_RUN_NUMBER"], told["GITHUB_ACTOR"]) == (str(run), "1", "dev")
    assert told["GITHUB_API_URL"] == hub.api_url
    assert told["GITHUB_REPOSITORY"] == "acme/shop"
