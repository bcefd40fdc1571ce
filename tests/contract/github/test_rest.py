from collections.abc import Callable
from typing import Any

import pytest
from githubkit.response import Response

from standins.github import routes, routing
from tests.contract.github.conftest import World
from tests.contract.github.published import hold_response

pytestmark = [pytest.mark.network, pytest.mark.process]

OF = ("acme", "shop")
_REPO = "/repos/{owner}/{repo}"
_ISSUE = f"{_REPO}/issues/{{number:int}}"
_COMMENT = f"{_REPO}/issues/comments/{{id:int}}"
_PULL = f"{_REPO}/pulls/{{number:int}}"
_DEPLOYMENT = f"{_REPO}/deployments/{{id:int}}"
_CHECK = f"{_REPO}/check-runs/{{id:int}}"

Ask = Callable[[World], Response[Any, Any]]


def _another_pull(w: World) -> Response[Any, Any]:
    w.shop.push("other", {"other.txt": "other\n"})
    return w.app.rest.pulls.create(*OF, data={"head": "other", "base": "main", "title": "Other", "draft": True})


def _merged(w: World) -> Response[Any, Any]:
    w.shop.close(w.pull, merged=True)
    return w.app.rest.pulls.check_if_merged(*OF, w.pull)


def _deployment(w: World) -> Response[Any, Any]:
    return w.app.rest.repos.create_deployment(
        *OF,
        data={
            "ref": "pay",
            "environment": "pr-1",
            "auto_merge": False,
            "required_contexts": [],
            "payload": {"tier": "full"},
            "transient_environment": True,
            "description": "Preview of #1",
        },
    )


# Each route, asked by a client that was generated from GitHub's description of it.
CALLS: dict[str, Ask] = {
    "GET /user": lambda w: w.admin.rest.users.get_authenticated(),
    "GET /users/{login}": lambda w: w.app.rest.users.get_by_username("octocat"),
    "GET /orgs/{org}/teams/{slug}/memberships/{login}": lambda w: w.app.rest.teams.get_membership_for_user_in_org(
        "acme", "platform", "octocat"
    ),
    "GET /rate_limit": lambda w: w.app.rest.rate_limit.get(),
    f"GET {_REPO}": lambda w: w.app.rest.repos.get(*OF),
    f"GET {_REPO}/collaborators/{{login}}/permission": lambda w: (
        w.app.rest.repos.get_collaborator_permission_level(*OF, "octocat")
    ),
    f"GET {_REPO}/branches": lambda w: w.app.rest.repos.list_branches(*OF),
    f"GET {_REPO}/branches/{{branch:path}}": lambda w: w.app.rest.repos.get_branch(*OF, "pay"),
    f"GET {_REPO}/pulls": lambda w: w.app.rest.pulls.list(*OF, state="all", sort="updated"),
    f"POST {_REPO}/pulls": _another_pull,
    f"GET {_PULL}": lambda w: w.app.rest.pulls.get(*OF, w.pull),
    f"PATCH {_PULL}": lambda w: w.app.rest.pulls.update(*OF, w.pull, data={"title": "Pay!", "state": "closed"}),
    f"GET {_PULL}/files": lambda w: w.app.rest.pulls.list_files(*OF, w.pull),
    f"GET {_PULL}/commits": lambda w: w.app.rest.pulls.list_commits(*OF, w.pull),
    f"GET {_PULL}/reviews": lambda w: w.app.rest.pulls.list_reviews(*OF, w.pull),
    f"GET {_PULL}/merge": _merged,
    f"PUT {_PULL}/merge": lambda w: w.app.rest.pulls.merge(*OF, w.pull, data={"merge_method": "squash"}),
    f"GET {_REPO}/issues": lambda w: w.app.rest.issues.list_for_repo(*OF),
    f"POST {_REPO}/issues": lambda w: w.app.rest.issues.create(*OF, data={"title": "Sweep", "labels": ["eod"]}),
    f"GET {_ISSUE}": lambda w: w.app.rest.issues.get(*OF, w.pull),
    f"PATCH {_ISSUE}": lambda w: w.app.rest.issues.update(
        *OF, w.pull, data={"state": "closed", "labels": ["bug"]}
    ),
    f"GET {_ISSUE}/events": lambda w: w.app.rest.issues.list_events(*OF, w.pull),
    f"GET {_ISSUE}/labels": lambda w: w.app.rest.issues.list_labels_on_issue(*OF, w.pull),
    f"POST {_ISSUE}/labels": lambda w: w.app.rest.issues.add_labels(*OF, w.pull, data={"labels": ["bug", "new"]}),
    f"PUT {_ISSUE}/labels": lambda w: w.app.rest.issues.set_labels(*OF, w.pull, data={"labels": ["bug"]}),
    f"DELETE {_ISSUE}/labels": lambda w: w.app.rest.issues.remove_all_labels(*OF, w.pull),
    f"DELETE {_ISSUE}/labels/{{name:path}}": lambda w: w.app.rest.issues.remove_label(
        *OF, w.pull, "eod/tier: full"
    ),
    f"GET {_REPO}/labels": lambda w: w.app.rest.issues.list_labels_for_repo(*OF),
    f"POST {_REPO}/labels": lambda w: w.app.rest.issues.create_label(*OF, data={"name": "eod", "color": "00ff00"}),
    f"GET {_REPO}/labels/{{name:path}}": lambda w: w.app.rest.issues.get_label(*OF, "bug"),
    f"GET {_ISSUE}/comments": lambda w: w.app.rest.issues.list_comments(*OF, w.pull),
    f"POST {_ISSUE}/comments": lambda w: w.app.rest.issues.create_comment(*OF, w.pull, data={"body": "Hello."}),
    f"GET {_COMMENT}": lambda w: w.app.rest.issues.get_comment(*OF, w.comment),
    f"PATCH {_COMMENT}": lambda w: w.app.rest.issues.update_comment(*OF, w.comment, data={"body": "Changed."}),
    f"DELETE {_COMMENT}": lambda w: w.app.rest.issues.delete_comment(*OF, w.comment),
    f"GET {_COMMENT}/reactions": lambda w: w.app.rest.reactions.list_for_issue_comment(*OF, w.comment),
    f"POST {_COMMENT}/reactions": lambda w: w.app.rest.reactions.create_for_issue_comment(
        *OF, w.comment, data={"content": "rocket"}
    ),
    f"GET {_REPO}/deployments": lambda w: w.app.rest.repos.list_deployments(*OF, environment="pr-1"),
    f"POST {_REPO}/deployments": _deployment,
    f"GET {_DEPLOYMENT}": lambda w: w.app.rest.repos.get_deployment(*OF, w.deployment),
    f"DELETE {_DEPLOYMENT}": lambda w: w.app.rest.repos.delete_deployment(*OF, w.deployment),
    f"GET {_DEPLOYMENT}/statuses": lambda w: w.app.rest.repos.list_deployment_statuses(*OF, w.deployment),
    f"POST {_DEPLOYMENT}/statuses": lambda w: w.app.rest.repos.create_deployment_status(
        *OF, w.deployment, data={"state": "inactive"}
    ),
    f"GET {_DEPLOYMENT}/statuses/{{status:int}}": lambda w: w.app.rest.repos.get_deployment_status(
        *OF, w.deployment, w.status
    ),
    f"GET {_REPO}/environments": lambda w: w.app.rest.repos.get_all_environments(*OF),
    f"GET {_REPO}/environments/{{name}}": lambda w: w.app.rest.repos.get_environment(*OF, "pr-1"),
    f"DELETE {_REPO}/environments/{{name}}": lambda w: w.admin.rest.repos.delete_an_environment(*OF, "pr-1"),
    f"POST {_REPO}/check-runs": lambda w: w.app.rest.checks.create(
        *OF, data={"name": "plan", "head_sha": w.shop.sha("pay")}
    ),
    f"GET {_CHECK}": lambda w: w.app.rest.checks.get(*OF, w.check),
    f"PATCH {_CHECK}": lambda w: w.app.rest.checks.update(*OF, w.check, data={"conclusion": "success"}),
    f"GET {_CHECK}/annotations": lambda w: w.app.rest.checks.list_annotations(*OF, w.check),
    f"GET {_REPO}/commits/{{ref:path}}/check-runs": lambda w: w.app.rest.checks.list_for_ref(*OF, "pay"),
    f"GET {_REPO}/commits/{{ref:path}}/statuses": lambda w: w.app.rest.repos.list_commit_statuses_for_ref(
        *OF, "pay"
    ),
    f"GET {_REPO}/commits/{{ref:path}}/status": lambda w: w.app.rest.repos.get_combined_status_for_ref(*OF, "pay"),
    f"POST {_REPO}/statuses/{{sha}}": lambda w: w.app.rest.repos.create_commit_status(
        *OF, w.shop.sha("pay"), data={"state": "success"}
    ),
    f"GET {_REPO}/commits": lambda w: w.app.rest.repos.list_commits(*OF, sha="pay"),
    f"GET {_REPO}/commits/{{ref:path}}": lambda w: w.app.rest.repos.get_commit(*OF, "pay"),
    f"GET {_REPO}/compare/{{basehead:path}}": lambda w: w.app.rest.repos.compare_commits(*OF, "main...pay"),
    f"GET {_REPO}/git/ref/{{ref:path}}": lambda w: w.app.rest.git.get_ref(*OF, f"pull/{w.pull}/merge"),
    f"GET {_REPO}/git/matching-refs/{{ref:rest}}": lambda w: w.app.rest.git.list_matching_refs(*OF, "heads/"),
    f"POST {_REPO}/git/refs": lambda w: w.app.rest.git.create_ref(
        *OF, data={"ref": "refs/heads/new", "sha": w.shop.sha("main")}
    ),
    f"PATCH {_REPO}/git/refs/{{ref:path}}": lambda w: w.app.rest.git.update_ref(
        *OF, "heads/main", data={"sha": w.shop.sha("pay")}
    ),
    f"DELETE {_REPO}/git/refs/{{ref:path}}": lambda w: w.app.rest.git.delete_ref(*OF, "heads/pay"),
    f"GET {_REPO}/git/commits/{{sha}}": lambda w: w.app.rest.git.get_commit(*OF, w.shop.sha("pay")),
    f"GET {_REPO}/contents/{{path:rest}}": lambda w: w.app.rest.repos.get_content(*OF, "src/pay.py", ref="pay"),
    f"GET {_REPO}/actions/runs": lambda w: w.app.rest.actions.list_workflow_runs_for_repo(
        *OF, event="pull_request"
    ),
    f"GET {_REPO}/actions/workflows/{{workflow}}/runs": lambda w: w.app.rest.actions.list_workflow_runs(
        *OF, "preview.yml"
    ),
    f"GET {_REPO}/actions/runs/{{id:int}}": lambda w: w.app.rest.actions.get_workflow_run(*OF, w.run),
    f"POST {_REPO}/actions/runs/{{id:int}}/cancel": lambda w: w.app.rest.actions.cancel_workflow_run(*OF, w.run),
    f"POST {_REPO}/actions/workflows/{{workflow}}/dispatches": lambda w: (
        w.app.rest.actions.create_workflow_dispatch(
            *OF, "sweep.yml", data={"ref": "main", "inputs": {"dry": "yes"}}
        )
    ),
    f"GET {_REPO}/actions/permissions/workflow": lambda w: (
        w.app.rest.actions.get_github_actions_default_workflow_permissions_repository(*OF)
    ),
    f"PUT {_REPO}/actions/permissions/workflow": lambda w: (
        w.app.rest.actions.set_github_actions_default_workflow_permissions_repository(
            *OF, data={"default_workflow_permissions": "write"}
        )
    ),
}

_SAME_BUT_FOR_A_SLASH = {f"GET {_REPO}/contents"}


@pytest.mark.parametrize("route", CALLS)
def test_an_answer_is_what_github_publishes(request: pytest.FixtureRequest, route: str) -> None:
    reads = route.startswith("GET ") and CALLS[route] is not _merged
    world: World = request.getfixturevalue("standing" if reads else "world")
    response = CALLS[route](world)

    hold_response(response)
    asked = list(world.github.requests)[-1]
    found = routing.find(routes.ALL, asked.method, asked.path)
    assert found is not None
    assert f"{found[0].method} {found[0].template}" == route


def test_every_route_is_held_to_what_github_publishes() -> None:
    served = {f"{route.method} {route.template}" for route in routes.ALL}

    assert CALLS.keys() | _SAME_BUT_FOR_A_SLASH == served
