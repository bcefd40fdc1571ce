import pytest

from eod.errors import CredentialsError, GitHubError
from standins.github import faults

pytestmark = [pytest.mark.network, pytest.mark.process]

MARKER = '<!-- eod-action: {"environment": "pr-1"} -->'


def body(text):
    return f"{MARKER}\n{text}"


def test_is_created_once_and_then_edited_in_place(shop):
    first = shop.forge().put_comment(shop.number, body("planning"), None)
    second = shop.forge().put_comment(shop.number, body("ready"), None)
    assert first == second
    assert shop.bodies == [body("ready")]


def test_an_unchanged_body_is_not_written_again(shop):
    forge = shop.forge()
    forge.put_comment(shop.number, body("ready"), None)
    forge.put_comment(shop.number, body("ready"), None)
    shop.forge().put_comment(shop.number, body("ready\r\n"), None)
    assert shop.requests("PATCH", "") == 0


def test_is_found_behind_several_pages_of_talk(shop):
    ours = shop.forge().put_comment(shop.number, body("planning"), None)
    for index in range(230):
        shop.repository.comment(shop.number, f"talk {index}", author="octocat")
    assert shop.forge().put_comment(shop.number, body("ready"), None) == ours
    assert shop.bodies[0] == body("ready")


def test_ours_at_the_very_end_of_the_last_page_is_found(shop):
    for index in range(201):
        shop.repository.comment(shop.number, f"talk {index}", author="octocat")
    ours = shop.forge().put_comment(shop.number, body("planning"), None)
    assert shop.forge().put_comment(shop.number, body("ready"), None) == ours
    assert len(shop.bodies) == 202


def test_nobody_elses_comment_with_our_marker_is_touched(shop):
    shop.repository.comment(shop.number, body("I am the action, click here"), author="mallory")
    bot = shop.forge(shop.github.installation_token(shop.repository, app="helpful"))
    bot.add_comment(shop.number, body("me too"))
    ours = shop.forge().put_comment(shop.number, body("ready"), None)
    assert shop.bodies == [body("I am the action, click here"), body("me too"), body("ready")]
    assert shop.forge().put_comment(shop.number, body("updated"), None) == ours


def test_a_marker_that_is_only_quoted_is_not_the_marker(shop):
    token = shop.github.installation_token(shop.repository)
    forge = shop.forge(token)
    forge.add_comment(shop.number, f"> {body('old')}")
    ours = forge.put_comment(shop.number, body("ready"), None)
    assert len(shop.bodies) == 2
    assert shop.forge(token).put_comment(shop.number, body("newer"), None) == ours


def test_the_recorded_comment_is_used_without_a_search_if_it_is_really_ours(shop):
    ours = shop.forge().put_comment(shop.number, body("planning"), None)
    before = shop.requests("GET", f"/issues/{shop.number}/comments")
    assert shop.forge().put_comment(shop.number, body("ready"), ours) == ours
    assert shop.requests("GET", f"/issues/{shop.number}/comments") == before


def test_a_recorded_comment_that_is_not_ours_is_left_alone(shop):
    theirs = shop.repository.comment(shop.number, body("mine"), author="mallory")
    ours = shop.forge().put_comment(shop.number, body("ready"), theirs)
    assert ours != theirs
    assert shop.bodies == [body("mine"), body("ready")]


def test_a_recorded_comment_of_another_pull_request_is_left_alone(shop):
    other = shop.repository.open_issue("something else")
    elsewhere = shop.forge().put_comment(other, body("elsewhere"), None)
    assert shop.forge().put_comment(shop.number, body("ready"), elsewhere) != elsewhere
    assert shop.repository.comments(other)[0]["body"] == body("elsewhere")


def test_a_deleted_comment_is_made_again(shop):
    forge = shop.forge()
    first = forge.put_comment(shop.number, body("planning"), None)
    delete(shop, first)
    second = forge.put_comment(shop.number, body("ready"), first)
    assert shop.bodies == [body("ready")]
    delete(shop, second)
    assert shop.forge().put_comment(shop.number, body("ready"), second) not in {first, second}


def test_a_user_token_finds_its_own_comments_only(shop):
    shop.repository.add_collaborator("operator")
    token = shop.github.personal_token("operator")
    shop.forge().put_comment(shop.number, body("by the workflow"), None)
    ours = shop.forge(token).put_comment(shop.number, body("by hand"), None)
    assert shop.forge(token).put_comment(shop.number, body("again"), None) == ours
    assert shop.bodies == [body("by the workflow"), body("again")]


def test_the_token_of_an_app_of_ones_own_finds_its_own_comment(shop, monkeypatch):
    def viewer(_requester, _query, _variables):
        return {}, {"data": {"viewer": {"login": "acme-previews[bot]"}}}

    monkeypatch.setattr("github.Requester.Requester.graphql_query", viewer)
    token = shop.github.installation_token(shop.repository, app="acme-previews")
    stranger = shop.forge(shop.github.installation_token(shop.repository, app="helpful"))
    stranger.add_comment(shop.number, body("me too"))
    ours = shop.forge(token).put_comment(shop.number, body("planning"), None)
    assert shop.forge(token).put_comment(shop.number, body("ready"), None) == ours
    assert shop.bodies == [body("me too"), body("ready")]


def test_another_bots_comment_that_cannot_be_edited_is_left_behind(shop):
    shop.forge().put_comment(shop.number, body("by the workflow"), None)
    shop.github.inject(faults.forbidden(), "PATCH */comments/*")
    assert shop.forge().put_comment(shop.number, body("by another app"), None) is not None
    assert shop.bodies == [body("by the workflow"), body("by another app")]


def test_without_the_permission_the_run_goes_on_and_says_once_which_line_is_missing(shop):
    forge = shop.forge(shop.github.installation_token(shop.repository, {"pull-requests": "read"}))
    assert forge.put_comment(shop.number, body("ready"), None) is None
    assert forge.put_comment(shop.number, body("again"), None) is None
    assert forge.add_comment(shop.number, "expires") is None
    assert len(shop.notices) == 1
    assert "`pull-requests: write`" in shop.notices[0]


def test_a_token_that_is_no_longer_good_is_an_error(shop):
    token = shop.github.installation_token(shop.repository)
    shop.github.revoke(token)
    with pytest.raises(CredentialsError) as caught:
        shop.forge(token).put_comment(shop.number, body("ready"), None)
    assert "expired" in caught.value.why


def test_no_token_at_all_is_an_error_that_says_what_to_set(shop):
    with pytest.raises(CredentialsError) as caught:
        shop.forge("").put_comment(shop.number, body("ready"), None)
    assert "github-token" in caught.value.fix


@pytest.mark.parametrize("fault", [faults.server_error(502, applied=True), faults.connection_reset(applied=True)])
def test_an_answer_that_got_lost_makes_no_second_comment(shop, fault):
    shop.github.inject(fault, "POST */comments")
    ours = shop.forge().put_comment(shop.number, body("ready"), None)
    assert shop.bodies == [body("ready")]
    assert shop.repository.comments(shop.number)[0]["id"] == ours


def test_a_creation_that_really_failed_is_tried_once_more(shop):
    shop.github.inject(faults.server_error(502), "POST */comments")
    assert shop.forge().put_comment(shop.number, body("ready"), None) is not None
    assert shop.bodies == [body("ready")]


def test_github_down_for_good_is_an_error(shop):
    shop.github.inject(faults.server_error(503), "*", times=None)
    with pytest.raises(GitHubError):
        shop.forge().put_comment(shop.number, body("ready"), None)


def test_a_body_over_the_limit_never_leaves(shop):
    with pytest.raises(ValueError, match="65536"):
        shop.forge().put_comment(shop.number, body("x" * 65_536), None)
    with pytest.raises(ValueError, match="marker"):
        shop.forge().put_comment(shop.number, "no marker", None)


def delete(shop, comment_id):
    control = shop.forge()
    repository = control._client.repository
    repository.get_issue(shop.number).get_comment(comment_id).delete()


UNNAMED = '<!-- eod-action: {"environment":""} -->'


def unnamed(text):
    return f"{UNNAMED}\n{text}"


def test_a_configuration_error_goes_into_the_comment_that_is_there_whatever_its_name(shop):
    first = shop.forge().put_comment(shop.number, body("ready"), None)
    assert shop.forge().put_comment(shop.number, unnamed("eod.yml:2"), None) == first
    assert shop.bodies == [body("eod.yml:2")]
    assert shop.forge().put_comment(shop.number, body("ready again"), None) == first
    assert shop.bodies == [body("ready again")]


def test_a_comment_that_began_with_a_configuration_error_gets_its_name_later(shop):
    first = shop.forge().put_comment(shop.number, unnamed("eod.yml:2"), None)
    assert shop.forge().put_comment(shop.number, body("ready"), None) == first
    assert shop.bodies == [body("ready")]


def test_a_comment_of_the_right_name_goes_before_one_without(shop):
    forge = shop.forge()
    forge.add_comment(shop.number, unnamed("eod.yml:2"))
    ours = forge.add_comment(shop.number, body("planning"))
    assert shop.forge().put_comment(shop.number, body("ready"), None) == ours
    assert shop.bodies == [unnamed("eod.yml:2"), body("ready")]


def test_two_configurations_of_one_repository_have_a_comment_each(shop):
    other = body("ready").replace("pr-1", "docs-1")
    shop.forge().put_comment(shop.number, body("ready"), None)
    shop.forge().put_comment(shop.number, other, None)
    assert shop.bodies == [body("ready"), other]


def test_nobody_elses_comment_is_taken_for_the_one_without_a_name(shop):
    shop.repository.comment(shop.number, unnamed("click here"), author="mallory")
    shop.forge().put_comment(shop.number, body("ready"), None)
    assert shop.bodies == [unnamed("click here"), body("ready")]
