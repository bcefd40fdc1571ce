"""Answers that are not the plain case: other states of the same things, refusals, the older version."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from githubkit.exception import RequestFailed
from githubkit.response import Response
from githubkit_schemas.latest import models

from standins.github.http import REMOVED_IN_2026_03_10
from tests.contract.github.conftest import World
from tests.contract.github.published import hold, hold_response

pytestmark = [pytest.mark.network, pytest.mark.process]

OF = ("acme", "shop")


def test_a_merged_pull_request(world: World) -> None:
    world.shop.close(world.pull, merged=True)

    response = world.app.rest.pulls.get(*OF, world.pull)

    hold_response(response)
    assert response.parsed_data.merged
    assert response.parsed_data.merged_by is not None


def test_a_pull_request_that_conflicts(world: World) -> None:
    world.shop.push("main", {"src/pay.py": "another\n"})

    response = world.app.rest.pulls.get(*OF, world.pull)

    hold_response(response)
    assert response.parsed_data.mergeable is False
    assert response.parsed_data.mergeable_state == "dirty"


def test_a_pull_request_from_a_fork_and_after_the_fork_is_gone(world: World) -> None:
    fork = world.shop.fork("stranger")
    fork.push("theirs", {"theirs.txt": "1\n"}, author="stranger")
    number = world.shop.open_pull("theirs", fork=fork, author="stranger")

    before = world.app.rest.pulls.get(*OF, number)
    fork.delete()
    after = world.app.rest.pulls.get(*OF, number)
    listed = world.app.rest.pulls.list(*OF)

    for response in (before, after, listed):
        hold_response(response)
    assert before.parsed_data.head.repo is not None
    assert before.parsed_data.head.repo.full_name == "stranger/shop"
    assert after.parsed_data.head.repo is None


def test_a_fork_tells_its_parent(world: World) -> None:
    world.shop.fork("stranger")

    response = world.app.rest.repos.get("stranger", "shop")

    hold_response(response)
    assert response.json()["parent"]["full_name"] == "acme/shop"


def test_contents_of_every_kind(world: World) -> None:
    world.shop.push("main", {"big.bin": "x" * 1_000_001})

    for path in ("", "src", "README.md", "big.bin"):
        response: Response[Any, Any] = world.app.rest.repos.get_content(*OF, path)
        hold_response(response)

    assert response.json()["encoding"] == "none"


def test_a_check_run_that_is_done(world: World) -> None:
    data: Any = {"status": "completed", "conclusion": "failure", "completed_at": "2026-01-02T03:04:05Z"}

    response = world.app.rest.checks.update(*OF, world.check, data=data)

    hold_response(response)
    assert response.json()["completed_at"] == "2026-01-02T03:04:05Z"


def test_a_comment_by_an_app(world: World) -> None:
    response = world.app.rest.issues.create_comment(*OF, world.pull, data={"body": "Here."})

    hold_response(response)
    assert response.parsed_data.user is not None
    assert (response.parsed_data.user.login, response.parsed_data.user.type) == ("preview-bot[bot]", "Bot")


REFUSALS: dict[str, tuple[Callable[[World], Response[Any, Any]], int, Any]] = {
    "nothing there": (lambda w: w.app.rest.pulls.get(*OF, 999), 404, models.BasicError),
    "not for apps": (lambda w: w.app.rest.users.get_authenticated(), 403, models.BasicError),
    "no title": (
        lambda w: w.app.rest.pulls.create(*OF, data={"head": "pay", "base": "main"}),
        422,
        models.ValidationError,
    ),
    "twice the same": (
        lambda w: w.app.rest.pulls.create(*OF, data={"head": "pay", "base": "main", "title": "Again"}),
        422,
        models.ValidationError,
    ),
    "too long": (
        lambda w: w.app.rest.issues.create_comment(*OF, w.pull, data={"body": "x" * 65_537}),
        422,
        models.ValidationError,
    ),
    "not merged": (lambda w: w.app.rest.pulls.check_if_merged(*OF, w.pull), 404, models.BasicError),
    "checks not passed": (
        lambda w: w.app.rest.repos.create_deployment(*OF, data={"ref": "pay", "auto_merge": False}),
        409,
        None,
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_worded_as_published(world: World, case: str) -> None:
    ask, status, model = REFUSALS[case]

    with pytest.raises(RequestFailed) as refused:
        ask(world)

    response = refused.value.response
    assert response.status_code == status
    if model is not None:
        hold(response.content, model, besides=frozenset({"status"}))  # which 422 has and does not publish


@pytest.mark.parametrize(
    ("path", "model", "field"),
    [
        ("/repos/acme/shop/pulls/1", models.PullRequest, "merge_commit_sha"),
        ("/repos/acme/shop", models.FullRepository, "has_downloads"),
        ("/repos/acme/shop/issues/1", models.Issue, "assignee"),
        ("/rate_limit", models.RateLimitOverview, "rate"),
    ],
)
def test_who_names_no_version_gets_the_old_fields_besides(world: World, path: str, model: Any, field: str) -> None:
    old = httpx.get(world.github.api_url + path, trust_env=False)
    new = httpx.get(world.github.api_url + path, headers={"X-GitHub-Api-Version": "2026-03-10"}, trust_env=False)

    assert field in old.json()
    assert field not in new.json()
    hold(old.content, model, besides=REMOVED_IN_2026_03_10)
    hold(new.content, model)
