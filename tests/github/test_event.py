import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.errors import UsageError
from eod.github.event import read_event


@pytest.fixture
def pull_payload():
    return {
        "action": "labeled",
        "number": 7,
        "label": {"name": "eod/tier: full", "color": "ededed"},
        "sender": {"login": "octocat", "type": "User"},
        "repository": {"full_name": "acme/shop", "private": True},
        "pull_request": {
            "number": 7,
            "title": "Fix `it` | now",
            "html_url": "https://github.com/acme/shop/pull/7",
            "state": "open",
            "draft": True,
            "merged": False,
            "user": {"login": "octocat"},
            "head": {"sha": "a" * 40, "ref": "fix", "repo": {"full_name": "acme/shop"}},
            "base": {"sha": "b" * 40, "ref": "main", "repo": {"full_name": "acme/shop"}},
            "labels": [{"name": "eod/tier: full"}, {"name": "bug"}],
            "created_at": "2026-11-01T10:00:00Z",
            "updated_at": "2026-11-02T10:00:00Z",
        },
    }


def read(tmp_path, name, payload):
    path = tmp_path / "event.json"
    path.write_text(payload if isinstance(payload, str) else json.dumps(payload))
    return read_event(name, path)


def test_a_pull_request_event(tmp_path, pull_payload):
    event = read(tmp_path, "pull_request", pull_payload)
    assert (event.name, event.action, event.actor, event.repository, event.label) == (
        "pull_request",
        "labeled",
        "octocat",
        "acme/shop",
        "eod/tier: full",
    )
    assert event.pull.labels == ("eod/tier: full", "bug")
    assert event.pull.draft
    assert event.pull.open
    assert event.pull.head_repository == "acme/shop"
    assert event.pull.created_at.utcoffset().total_seconds() == 0


def test_a_fork_that_is_gone(tmp_path, pull_payload):
    pull_payload["pull_request"]["head"]["repo"] = None
    pull_payload["pull_request"]["user"] = None
    event = read(tmp_path, "pull_request_target", pull_payload)
    assert event.pull.head_repository is None
    assert event.pull.author == ""


def test_a_changed_base(tmp_path, pull_payload):
    pull_payload |= {"action": "edited", "changes": {"base": {"ref": {"from": "main"}}}}
    assert read(tmp_path, "pull_request", pull_payload).base_changed
    pull_payload["changes"] = {"title": {"from": "x"}}
    assert not read(tmp_path, "pull_request", pull_payload).base_changed


def test_other_events(tmp_path):
    assert read(tmp_path, "schedule", {"schedule": "0 * * * *"}).schedule == "0 * * * *"
    assert read(tmp_path, "workflow_dispatch", {"inputs": None, "ref": "refs/heads/main"}).pull is None
    assert read(tmp_path, "push", {"ref": "refs/heads/main", "commits": []}).actor == ""


def test_a_comment_on_a_pull_request_and_on_an_issue(tmp_path):
    on_pull = {
        "action": "created",
        "issue": {"number": 7, "pull_request": {"url": "…"}},
        "comment": {"body": "/up"},
    }
    event = read(tmp_path, "issue_comment", on_pull)
    assert (event.commented_pull, event.comment.body, event.comment.person) == (7, "/up", False)
    assert read(tmp_path, "issue_comment", {"issue": {"number": 8}}).commented_pull is None


@pytest.mark.parametrize("payload", ["", "{", "[]", '"x"', '{"pull_request": []}', '{"pull_request": {}}', "{}"])
def test_an_odd_file_is_a_usage_error(tmp_path, payload):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, "pull_request", payload)
    assert caught.value.where.endswith("event.json")
    assert caught.value.fix


def test_a_missing_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError) as caught:
        read_event("pull_request", tmp_path / "nowhere.json")
    assert "nowhere.json" in str(caught.value)


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_it_is_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("event") / "event.json"
    path.write_bytes(content)
    with contextlib.suppress(UsageError):
        read_event("push", path)


@pytest.mark.network
@pytest.mark.process
@pytest.mark.parametrize("action", ["opened", "synchronize", "closed", "labeled", "reopened"])
def test_githubs_own_payloads_are_read(tmp_path, shop, action):
    payload = shop.repository.event_payload(shop.number, action, label="eod/skip" if action == "labeled" else None)
    event = read(tmp_path, "pull_request", payload)
    assert event.pull == shop.forge().pull_request(shop.number)
    assert event.action == action


@pytest.mark.network
@pytest.mark.process
def test_githubs_own_comments_are_read(tmp_path, shop):
    written = shop.repository.comment(shop.number, "/eod up", author="ada")
    event = read(tmp_path, "issue_comment", shop.repository.comment_payload(written))
    assert (event.action, event.actor, event.commented_pull) == ("created", "ada", shop.number)
    assert (event.comment.by, event.comment.person, event.comment.edited) == ("ada", True, False)
    assert event.comment.at.utcoffset().total_seconds() == 0
    ours = shop.forge().add_comment(shop.number, "/eod up")
    event = read(tmp_path, "issue_comment", shop.repository.comment_payload(ours))
    assert (event.comment.by, event.comment.person) == ("github-actions[bot]", False)
