import pytest
from github import GithubException
from github.Repository import Repository as Remote

from standins.github import GitHub, RepositoryControl
from tests.standins.github.conftest import Client

pytestmark = [pytest.mark.network, pytest.mark.process]


@pytest.fixture
def number(shop: RepositoryControl) -> int:
    return shop.open_pull("fix")


def test_a_comment_is_created_edited_and_found_again_over_pages(
    shop: RepositoryControl, remote: Remote, number: int
) -> None:
    for count in range(5):
        shop.comment(number, f"noise {count}")
    issue = remote.get_issue(number)
    made = issue.create_comment("<!-- eod --> planning")

    issue.get_comment(made.id).edit("<!-- eod --> ready")

    found = [one for one in remote.get_issue(number).get_comments() if one.body.startswith("<!-- eod -->")]
    assert [(one.id, one.body, one.user.login) for one in found] == [
        (made.id, "<!-- eod --> ready", "github-actions[bot]")
    ]
    assert shop.comments(number)[-1]["body"] == "<!-- eod --> ready"


def test_comments_are_listed_oldest_first(shop: RepositoryControl, remote: Remote, number: int) -> None:
    made = [shop.comment(number, str(count)) for count in range(3)]

    assert [one.id for one in remote.get_issue(number).get_comments()] == made


def test_a_deleted_comment_is_gone(shop: RepositoryControl, remote: Remote, number: int) -> None:
    comment = remote.get_issue(number).create_comment("soon gone")

    comment.delete()

    assert shop.comments(number) == []
    with pytest.raises(GithubException) as refused:
        remote.get_issue(number).get_comment(comment.id)
    assert refused.value.status == 404


@pytest.mark.parametrize(("length", "fits"), [(65_536, True), (65_537, False)])
def test_a_body_has_65536_characters_at_most(remote: Remote, number: int, length: int, fits: bool) -> None:
    issue = remote.get_issue(number)
    if fits:
        assert len(issue.create_comment("ä" * length).body) == length
        return
    with pytest.raises(GithubException, match="Body is too long") as refused:
        issue.create_comment("ä" * length)
    assert refused.value.status == 422


def test_what_the_actions_token_writes_starts_no_workflow(
    hub: GitHub, shop: RepositoryControl, remote: Remote, number: int
) -> None:
    remote.get_issue(number).create_comment("by the workflow")
    shop.comment(number, "/eod up", author="dev")

    told = [(event.actor, event.starts_workflows) for event in hub.events("issue_comment")]
    assert told == [("github-actions[bot]", False), ("dev", True)]


def test_another_apps_token_is_another_author_and_starts_workflows(
    hub: GitHub, shop: RepositoryControl, client: Client, number: int
) -> None:
    token = hub.installation_token(shop, {"issues": "write"}, app="preview-bot")

    comment = client(token).get_repo(shop.full_name).get_issue(number).create_comment("here")

    assert comment.user.login == "preview-bot[bot]"
    assert hub.events("issue_comment")[-1].starts_workflows


def test_a_reader_may_comment_and_edit_only_own_words(
    hub: GitHub, shop: RepositoryControl, client: Client, number: int
) -> None:
    theirs = shop.comment(number, "not yours", author="dev")
    issue = client(hub.personal_token("stranger")).get_repo(shop.full_name).get_issue(number)

    issue.create_comment("mine").edit("still mine")

    with pytest.raises(GithubException) as refused:
        issue.get_comment(theirs).edit("taken over")
    assert refused.value.status == 403


def test_the_same_reaction_twice_is_one(shop: RepositoryControl, remote: Remote, number: int) -> None:
    comment = remote.get_issue(number).get_comment(shop.comment(number, "/eod up"))

    comment.create_reaction("eyes")
    comment.create_reaction("eyes")

    assert [one.content for one in comment.get_reactions()] == ["eyes"]
