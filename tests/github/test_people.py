import pytest

from eod.errors import CredentialsError, GitHubError
from eod.github.people import strongest
from eod.model.people import Role
from standins.github import faults

network = [pytest.mark.network, pytest.mark.process]


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        ({"permission": "write", "role_name": "maintain", "user": None}, Role.MAINTAIN),
        ({"permission": "read", "role_name": "triage"}, Role.TRIAGE),
        ({"permission": "admin", "role_name": "admin"}, Role.ADMIN),
        ({"permission": "none", "role_name": "none"}, Role.NONE),
        ({"permission": "write", "role_name": "release-manager"}, Role.WRITE),
        (
            {
                "permission": "write",
                "role_name": "release-manager",
                "user": {"permissions": {"admin": False, "maintain": True, "push": True}},
            },
            Role.MAINTAIN,
        ),
        ({}, Role.NONE),
        ({"permission": "root", "user": {"permissions": {"admin": "yes"}}}, Role.NONE),
    ],
)
def test_roles_of_old_custom_roles_and_switches(answer, role):
    assert strongest(answer) is role


@pytest.fixture
def people(shop):
    for login, role in (("ada", "maintain"), ("bob", "write"), ("eve", "triage"), ("root", "admin")):
        shop.repository.add_collaborator(login, role)
    return shop


@pytest.mark.network
@pytest.mark.process
class TestOnGitHub:
    @pytest.mark.parametrize(
        ("login", "role"),
        [
            ("ada", Role.MAINTAIN),
            ("BOB", Role.WRITE),
            ("eve", Role.TRIAGE),
            ("root", Role.ADMIN),
            ("octocat", Role.READ),
            ("no/such?user", Role.NONE),
        ],
    )
    def test_what_a_user_may_do_is_asked_once(self, people, login, role):
        forge = people.forge()
        assert forge.role_of(login) is role
        assert forge.role_of(login.upper()) is role
        assert people.requests("GET", "/permission") == 1

    def test_who_put_a_label_last_is_told_whatever_its_case(self, people):
        repository, forge = people.repository, people.forge()
        repository.label(people.number, "eod/tier: none", author="bob")
        repository.unlabel(people.number, "eod/tier: none", author="bob")
        assert forge.label_put(people.number, "eod/tier: none") is None
        repository.label(people.number, "eod/tier: none", author="ada")
        repository.label(people.number, "bug", author="bob")
        put = forge.label_put(people.number, "EOD/Tier: none")
        assert (put.by, put.person) == ("ada", True)
        assert put.at.utcoffset().total_seconds() == 0
        assert forge.label_put(people.number, "eod/keep") is None

    def test_a_long_history_costs_two_requests(self, people):
        for _ in range(120):
            people.repository.label(people.number, "busy")
            people.repository.unlabel(people.number, "busy")
        people.repository.label(people.number, "eod/tier: none", author="ada")
        assert people.forge().label_put(people.number, "eod/tier: none").by == "ada"
        assert people.requests("GET", "/events") == 2

    def test_a_label_of_ours_was_put_by_no_person_whoever_owns_the_token(self, people):
        people.forge().relabel(people.number, "eod/tier: none", ())
        put = people.forge().label_put(people.number, "eod/tier: none")
        assert (put.by, put.person) == ("github-actions[bot]", False)
        forge = people.forge(people.github.personal_token("root"))
        forge.relabel(people.number, "eod/tier: full", ("eod/tier: none",))
        put = forge.label_put(people.number, "eod/tier: full")
        assert (put.by, put.person) == ("root", False)
        assert forge.own_login() == "root"
        assert people.forge().own_login() == ""

    def test_labels_are_put_anew_and_one_that_is_gone_is_no_matter(self, people):
        people.repository.label(people.number, "eod/tier: none", "bug", author="bob")
        people.forge().relabel(people.number, "eod/tier: none", ("eod/tier: none", "eod/tier: full"))
        assert sorted(people.repository.labels(people.number)) == ["bug", "eod/tier: none"]
        assert people.forge().label_put(people.number, "eod/tier: none").by == "github-actions[bot]"
        people.forge().relabel(people.number, "", ("eod/tier: none",))
        assert people.repository.labels(people.number) == ["bug"]

    def test_a_token_that_may_make_no_label_names_the_line(self, people):
        token = people.github.installation_token(people.repository, {"pull-requests": "write"})
        with pytest.raises(CredentialsError) as caught:
            people.forge(token).relabel(people.number, "eod/tier: none", ())
        assert "`issues: write`" in caught.value.fix
        people.repository.label(people.number, "eod/tier: none")
        people.repository.unlabel(people.number, "eod/tier: none")
        people.forge(token).relabel(people.number, "eod/tier: none", ())
        assert people.repository.labels(people.number) == ["eod/tier: none"]

    def test_comments_come_newest_first_page_by_page(self, people):
        for index in range(130):
            people.repository.comment(people.number, f"{index}", author="ada")
        comments = people.forge().comments(people.number)
        assert next(comments).body == "129"
        assert people.requests("GET", "/comments") == 2
        assert [one.body for one in comments][-1] == "0"

    def test_a_comment_says_who_wrote_it_and_whether_it_was_changed(self, people):
        people.repository.comment(people.number, "/eod up", author="ada")
        forge = people.forge()
        forge.add_comment(people.number, "ours")
        ours, hers = forge.comments(people.number)
        assert (hers.by, hers.person, hers.edited) == ("ada", True, False)
        assert (ours.by, ours.person) == ("github-actions[bot]", False)

    def test_a_github_that_fails_is_an_error(self, people):
        people.github.inject(faults.server_error(), "GET */permission", times=None)
        with pytest.raises(GitHubError):
            people.forge().role_of("ada")
