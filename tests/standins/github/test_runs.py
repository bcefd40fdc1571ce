import pytest
from github import GithubException
from github.Repository import Repository as Remote

from standins.github import GitHub, RepositoryControl

pytestmark = [pytest.mark.network, pytest.mark.process]


def test_a_run_is_found_by_its_number_and_by_what_it_is(shop: RepositoryControl, remote: Remote) -> None:
    number = shop.open_pull("fix")
    preview = shop.start_run(number=number)
    sweep = shop.start_run("schedule", workflow=".github/workflows/sweep.yml", name="Sweep")
    shop.finish_run(sweep, "failure")

    assert remote.get_workflow_run(preview).status == "in_progress"
    assert [run.id for run in remote.get_workflow_runs()] == [sweep, preview]
    assert [run.id for run in remote.get_workflow_runs(event="schedule")] == [sweep]
    assert [run.id for run in remote.get_workflow_runs(status="failure")] == [sweep]
    assert [run.id for run in remote.get_workflow_runs(branch=remote.get_branch("fix"))] == [preview]


def test_a_run_is_cancelled_once(shop: RepositoryControl, remote: Remote) -> None:
    run = remote.get_workflow_run(shop.start_run(number=shop.open_pull("fix")))

    assert run.cancel()

    assert remote.get_workflow_run(run.id).conclusion == "cancelled"
    assert not run.cancel()


def test_a_dispatch_is_the_one_event_that_a_workflow_may_cause(hub: GitHub, remote: Remote) -> None:
    remote.requester.requestJsonAndCheck(
        "POST",
        "/repos/acme/shop/actions/workflows/sweep.yml/dispatches",
        input={"ref": "main", "inputs": {"dry-run": "true"}},
    )

    event = hub.events("workflow_dispatch")[0]
    assert (event.actor, event.starts_workflows) == ("github-actions[bot]", True)
    assert event.payload["inputs"] == {"dry-run": "true"}


def test_a_check_run_takes_50_annotations_at_a_time(shop: RepositoryControl, remote: Remote) -> None:
    one = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "look"}
    run = remote.create_check_run("preview", shop.sha("fix"), output={"title": "t", "summary": "s"})

    for _ in range(2):
        run.edit(output={"title": "t", "summary": "s", "annotations": [one] * 50})
    with pytest.raises(GithubException, match="No more than 50") as refused:
        run.edit(output={"title": "t", "summary": "s", "annotations": [one] * 51})

    assert refused.value.status == 422
    assert len(list(run.get_annotations())) == 100


def test_a_ref_moves_forward_and_elsewhere_only_by_force(shop: RepositoryControl, remote: Remote) -> None:
    ref = remote.create_git_ref("refs/heads/new", shop.sha("main"))
    ref.edit(shop.sha("fix"))

    with pytest.raises(GithubException, match="not a fast forward"):
        ref.edit(shop.sha("main"))
    ref.edit(shop.sha("main"), force=True)

    assert shop.sha("new") == shop.sha("main")
    assert sorted(one.ref for one in remote.get_git_matching_refs("heads/")) == [
        "refs/heads/fix",
        "refs/heads/main",
        "refs/heads/new",
    ]


def test_contents_at_a_branch(shop: RepositoryControl, remote: Remote) -> None:
    file = remote.get_contents("src/cart.py", ref="fix")
    assert not isinstance(file, list)
    assert file.decoded_content == b"one = 2\n"

    listed = remote.get_contents("")
    assert isinstance(listed, list)
    assert [(one.path, one.type) for one in listed] == [("README.md", "file"), ("src", "dir")]

    with pytest.raises(GithubException, match="404"):
        remote.get_contents("nowhere.txt")


def test_what_lies_between_two_branches(shop: RepositoryControl, remote: Remote) -> None:
    shop.push("main", {"later.txt": "1"})

    between = remote.compare("main", "fix")

    assert (between.status, between.ahead_by, between.behind_by) == ("diverged", 1, 1)
    assert [file.filename for file in between.files] == ["src/cart.py"]
