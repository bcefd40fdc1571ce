from datetime import timedelta

import pytest
from github import GithubException, UnknownObjectException
from github.Repository import Repository as Remote

from standins.github import ApiError, GitHub, RepositoryControl
from tests.standins.github.conftest import Client, Clock

pytestmark = [pytest.mark.network, pytest.mark.process]


def test_a_pull_request_as_a_client_sees_it(shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix", title="Fix the cart", body="One is two.", number=121)

    pull = remote.get_pull(number)

    assert (pull.number, pull.title, pull.body, pull.user.login) == (121, "Fix the cart", "One is two.", "octocat")
    assert (pull.head.ref, pull.head.sha) == ("fix", shop.sha("fix"))
    assert (pull.base.ref, pull.base.sha) == ("main", shop.sha("main"))
    assert (pull.changed_files, pull.additions, pull.deletions, pull.commits) == (1, 1, 1, 1)
    assert pull.mergeable
    assert pull.head.repo.full_name == "acme/shop"


def test_numbers_go_on_from_the_one_that_was_chosen(shop: RepositoryControl) -> None:
    shop.push("other", {"other": "1"})
    shop.open_pull("fix", number=121)

    assert shop.open_pull("other") == 122
    assert shop.open_issue("Why?") == 123


def test_open_pull_requests_over_several_pages(shop: RepositoryControl, remote: Remote, hub: GitHub) -> None:
    for number in range(1, 6):
        shop.push(f"branch-{number}", {f"{number}.txt": "1"})
        shop.open_pull(f"branch-{number}")
    shop.close(3)

    listed = remote.get_pulls(state="open")

    assert listed.totalCount == 4
    assert [pull.number for pull in listed] == [5, 4, 2, 1]
    asked = [one.query for one in hub.requests.matching("GET /repositories/*/pulls")]
    assert [query["page"] for query in asked] == ["2"]


def test_lists_are_narrowed_and_sorted(shop: RepositoryControl, remote: Remote, clock: Clock) -> None:
    first = shop.open_pull("fix")
    clock.pass_by(timedelta(minutes=1))
    shop.push("other", {"other": "1"})
    second = shop.open_pull("other")
    clock.pass_by(timedelta(minutes=1))
    shop.label(first, "eod")

    def numbers(**query: str) -> list[int]:
        return [pull.number for pull in remote.get_pulls(**query)]

    assert numbers(head="acme:fix") == [first]
    assert numbers(base="nowhere") == []
    assert numbers(sort="created", direction="asc") == [first, second]
    assert numbers(sort="updated", direction="desc") == [first, second]
    assert numbers(state="closed") == []


def test_files_with_renames_deletions_and_binaries(shop: RepositoryControl, remote: Remote) -> None:
    lines = "".join(f"line {number}\n" for number in range(20))
    shop.push("main", {"long.txt": lines, "gone.txt": "1\n", "logo.png": b"\x89PNG\0"})
    shop.push(
        "many",
        {
            "long.txt": None,
            "moved/long.txt": f"{lines}more\n",
            "gone.txt": None,
            "logo.png": b"\x89PNG\0\0",
            "new b/ä.txt": "diff --git a/x b/x\n@@ no hunk\n",
        },
    )

    files = {file.filename: file for file in remote.get_pull(shop.open_pull("many")).get_files()}

    assert {name: file.status for name, file in files.items()} == {
        "gone.txt": "removed",
        "logo.png": "modified",
        "moved/long.txt": "renamed",
        "new b/ä.txt": "added",
    }
    assert files["moved/long.txt"].previous_filename == "long.txt"
    assert (files["moved/long.txt"].additions, files["moved/long.txt"].deletions) == (1, 0)
    assert files["logo.png"].patch is None
    assert files["new b/ä.txt"].patch == "@@ -0,0 +1,2 @@\n+diff --git a/x b/x\n+@@ no hunk"
    assert files["gone.txt"].patch == "@@ -1 +0,0 @@\n-1"


def test_only_the_change_since_the_branches_parted_is_listed(shop: RepositoryControl, remote: Remote) -> None:
    shop.push("main", {"later.txt": "on main\n"})

    pull = remote.get_pull(shop.open_pull("fix"))

    assert [file.filename for file in pull.get_files()] == ["src/cart.py"]


def test_no_more_than_3000_files_are_listed(hub: GitHub, shop: RepositoryControl, client: Client) -> None:
    shop.push("huge", {f"files/{number:05}": "x" for number in range(3001)})
    number = shop.open_pull("huge")
    whole = client(hub.installation_token(shop)).get_repo("acme/shop").get_pull(number)

    def page(at: int) -> list[str]:
        url, query = f"/repos/acme/shop/pulls/{number}/files", {"per_page": 100, "page": at}
        return [file["filename"] for file in whole.requester.requestJsonAndCheck("GET", url, query)[1]]

    assert whole.changed_files == 3001
    assert page(1)[0] == "files/00000"
    assert page(30)[-1] == "files/02999"
    assert page(31) == []


def test_a_push_moves_the_head_and_the_merge(shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix")
    before = remote.get_pull(number).merge_commit_sha

    sha = shop.push("fix", {"src/cart.py": "one = 3\n"})

    pull = remote.get_pull(number)
    assert pull.head.sha == sha == shop.sha(f"refs/pull/{number}/head")
    assert pull.merge_commit_sha == shop.sha(f"refs/pull/{number}/merge") != before


def test_a_conflict_is_told_and_starts_no_workflow(hub: GitHub, shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix")
    merge = shop.sha(f"refs/pull/{number}/merge")
    shop.push("main", {"src/cart.py": "one = 9\n"})

    pull = remote.get_pull(number)
    assert (pull.mergeable, pull.mergeable_state) == (False, "dirty")
    assert shop.sha(f"refs/pull/{number}/merge") == merge

    shop.close(number)
    closed = hub.events("pull_request", number)[-1]
    assert (closed.action, closed.starts_workflows) == ("closed", False)


def test_merging_moves_the_base_and_closes(hub: GitHub, shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix")

    merged = remote.get_pull(number).merge(merge_method="squash")

    pull = remote.get_pull(number)
    assert merged.merged
    assert merged.sha == shop.sha("main") == pull.merge_commit_sha
    assert (pull.state, pull.merged, pull.is_merged()) == ("closed", True, True)
    assert pull.merged_by.login == "github-actions[bot]"
    assert hub.events("pull_request", number)[-1].payload["pull_request"]["merged"] is True
    with pytest.raises(KeyError):
        shop.sha(f"refs/pull/{number}/merge")


def test_a_branch_merged_by_hand_is_noticed(shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix")

    shop.record.store.update_ref("refs/heads/main", shop.sha("fix"))
    shop.sync()

    assert remote.get_pull(number).merged


def test_a_deleted_branch_closes_its_pull_request(hub: GitHub, shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix")

    remote.get_git_ref("heads/fix").delete()

    assert remote.get_pull(number).state == "closed"
    assert hub.events(number=number)[-1].action == "closed"
    assert shop.sha(f"refs/pull/{number}/head")
    with pytest.raises(ApiError, match="Validation Failed"):
        shop.reopen(number)


def test_reopened_it_has_what_was_pushed_meanwhile_and_its_labels(shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix", labels=("eod/tier: full",))
    shop.close(number)
    sha = shop.push("fix", {"src/cart.py": "one = 4\n"})

    remote.get_pull(number).edit(state="open")

    pull = remote.get_pull(number)
    assert (pull.state, pull.head.sha) == ("open", sha)
    assert [label.name for label in pull.labels] == ["eod/tier: full"]


def test_a_draft_cannot_be_merged(shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix", draft=True)

    with pytest.raises(GithubException, match="not mergeable"):
        remote.get_pull(number).merge()


@pytest.mark.parametrize(
    ("head", "base", "reason"),
    [("nowhere", "main", "head"), ("fix", "nowhere", "base"), ("main", "main", "No commits between")],
)
def test_what_cannot_be_opened_is_refused(remote: Remote, head: str, base: str, reason: str) -> None:
    with pytest.raises(GithubException, match=reason) as refused:
        remote.create_pull(base=base, head=head, title="No")

    assert refused.value.status == 422


def test_a_refused_pull_request_leaves_nothing(shop: RepositoryControl, remote: Remote) -> None:
    with pytest.raises(GithubException):
        remote.create_pull(base="main", head="main", title="No")

    assert [pull.number for pull in remote.get_pulls()] == []
    assert shop.open_pull("fix") == 1
    with pytest.raises(UnknownObjectException):
        remote.get_pull(2)


def test_labels_come_and_go_each_with_its_event(hub: GitHub, shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix")
    pull = remote.get_pull(number)

    pull.add_to_labels("eod/tier: full", "bug")
    pull.add_to_labels("bug")
    pull.remove_from_labels("eod/tier: full")

    assert [label.name for label in pull.get_labels()] == ["bug"]
    happened = [(event.action, event.payload.get("label", {}).get("name")) for event in hub.events(number=number)]
    assert happened == [
        ("opened", None),
        ("labeled", "eod/tier: full"),
        ("labeled", "bug"),
        ("unlabeled", "eod/tier: full"),
    ]
    with pytest.raises(GithubException, match="Label does not exist"):
        pull.remove_from_labels("eod/tier: full")


def test_a_synchronize_event_tells_before_and_after(hub: GitHub, shop: RepositoryControl) -> None:
    number = shop.open_pull("fix")
    before = shop.sha("fix")

    after = shop.push("fix", {"src/cart.py": "one = 3\n"})

    event = hub.events("pull_request", number)[-1]
    assert (event.action, event.payload["before"], event.payload["after"]) == ("synchronize", before, after)
    assert event.payload["pull_request"]["head"]["sha"] == after
    assert event.starts_workflows


def test_an_event_keeps_what_was_true_then(hub: GitHub, shop: RepositoryControl) -> None:
    number = shop.open_pull("fix", title="First")
    opened = hub.events("pull_request", number)[0]

    shop.close(number)

    assert opened.payload["pull_request"]["state"] == "open"
