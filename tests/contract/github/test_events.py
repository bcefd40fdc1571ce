import json
from typing import Any

import pytest
from githubkit.webhooks import parse
from githubkit_schemas.latest import models

from standins.github.http import REMOVED_IN_2026_03_10
from tests.contract.github.conftest import World
from tests.contract.github.published import hold

pytestmark = [pytest.mark.network, pytest.mark.process]


def hold_event(name: str, payload: dict[str, Any]) -> Any:
    """A payload is the published one of its name and action; the old fields are in events still."""
    content = json.dumps(payload).encode()
    parsed = parse(name, content)
    hold(content, type(parsed), besides=REMOVED_IN_2026_03_10)
    return parsed


@pytest.mark.parametrize(
    "action",
    [
        "opened",
        "synchronize",
        "closed",
        "reopened",
        "labeled",
        "unlabeled",
        "edited",
        "ready_for_review",
        "converted_to_draft",
    ],
)
def test_a_pull_request_event(world: World, action: str) -> None:
    label = "eod/tier: full" if action in ("labeled", "unlabeled") else None

    event = hold_event("pull_request", world.shop.event_payload(world.pull, action, label=label))

    assert (event.action, event.number) == (action, world.pull)


def test_everything_that_happens_is_a_published_event(world: World) -> None:
    shop, number = world.shop, world.pull
    shop.push("pay", {"src/pay.py": "pay = 2\n"})
    shop.label(number, "bug")
    shop.unlabel(number, "bug")
    shop.set_draft(number, True)
    shop.set_draft(number, False)
    shop.close(number)
    shop.reopen(number)
    world.app.rest.issues.update_comment("acme", "shop", world.comment, data={"body": "/eod down"})
    world.app.rest.issues.delete_comment("acme", "shop", world.comment)
    shop.close(number, merged=True)

    happened = [(event.name, event.action) for event in world.github.events()]
    for event in world.github.events():
        hold_event(event.name, event.payload)

    assert happened == [
        ("pull_request", "opened"),
        ("pull_request", "labeled"),
        ("issue_comment", "created"),
        ("pull_request", "synchronize"),
        ("pull_request", "labeled"),
        ("pull_request", "unlabeled"),
        ("pull_request", "converted_to_draft"),
        ("pull_request", "ready_for_review"),
        ("pull_request", "closed"),
        ("pull_request", "reopened"),
        ("issue_comment", "edited"),
        ("issue_comment", "deleted"),
        ("pull_request", "closed"),
    ]


def test_a_comment_on_an_issue_that_is_no_pull_request(world: World) -> None:
    issue = world.shop.open_issue("A question")

    event = hold_event("issue_comment", world.shop.comment_payload(world.shop.comment(issue, "/eod up")))

    assert not event.issue.pull_request


def test_a_pull_request_whose_fork_is_gone(world: World) -> None:
    fork = world.shop.fork("stranger")
    fork.push("theirs", {"theirs.txt": "1\n"}, author="stranger")
    number = world.shop.open_pull("theirs", fork=fork, author="stranger")
    fork.delete()

    event = hold_event("pull_request", world.shop.event_payload(number, "closed"))

    assert event.pull_request.head.repo is None


def test_a_repository_that_belongs_to_a_user_has_no_organization(world: World) -> None:
    own = world.github.create_repository("hubot", "notes", organization=False)
    own.push("main", {"a": "1"})
    own.push("b", {"a": "2"})

    payload = own.event_payload(own.open_pull("b"), "opened")

    hold_event("pull_request", payload)
    assert "organization" not in payload


def test_a_dispatch(world: World) -> None:
    event = hold_event("workflow_dispatch", world.shop.dispatch_payload({"dry-run": "true"}))

    assert event.ref == "refs/heads/main"


def test_a_schedule_tells_its_line_and_the_repository(world: World) -> None:
    payload = world.shop.schedule_payload("17 * * * *")

    assert payload["schedule"] == "17 * * * *"
    hold(json.dumps(payload["repository"]).encode(), models.RepositoryWebhooks, besides=REMOVED_IN_2026_03_10)
