"""What a runner tells a job about the event that started it, for programs that run without one."""

from __future__ import annotations

from standins.github.state import Hub, Json, Repository, WorkflowRun


def variables(
    hub: Hub, repository: Repository, name: str, payload: Json, run: WorkflowRun | None = None
) -> dict[str, str]:
    """The `GITHUB_*` of a run, less those that name files and secrets.

    After a merge `GITHUB_REF` is the base branch, and comments and schedules run on the default branch.
    """
    ref, sha = _place(repository, name, payload)
    pull = payload["pull_request"] if name.startswith("pull_request") else None
    sender = payload.get("sender", {"login": repository.owner.login})
    told = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": hub.url,
        "GITHUB_API_URL": f"{hub.url}/api/v3",
        "GITHUB_GRAPHQL_URL": f"{hub.url}/api/graphql",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_REPOSITORY": repository.full_name,
        "GITHUB_REPOSITORY_ID": str(repository.id),
        "GITHUB_REPOSITORY_OWNER": repository.owner.login,
        "GITHUB_REPOSITORY_OWNER_ID": str(repository.owner.id),
        "GITHUB_ACTOR": sender["login"],
        "GITHUB_TRIGGERING_ACTOR": sender["login"],
        "GITHUB_REF": ref,
        "GITHUB_REF_NAME": ref.removeprefix("refs/heads/").removeprefix("refs/pull/"),
        "GITHUB_SHA": sha,
        "GITHUB_HEAD_REF": pull["head"]["ref"] if pull else "",
        "GITHUB_BASE_REF": pull["base"]["ref"] if pull else "",
    }
    if run is not None:
        told |= {
            "GITHUB_RUN_ID": str(run.id),
            "GITHUB_RUN_NUMBER": str(run.number),
            "GITHUB_RUN_ATTEMPT": str(run.attempt),
            "GITHUB_WORKFLOW": run.name,
            "GITHUB_WORKFLOW_REF": f"{repository.full_name}/{run.path}@{ref}",
        }
    return told


def _place(repository: Repository, name: str, payload: Json) -> tuple[str, str]:
    """The ref and the commit that a run of this event has."""
    pull = payload.get("pull_request")
    if name == "pull_request" and pull is not None:
        if pull["merged"]:
            return f"refs/heads/{pull['base']['ref']}", pull["merge_commit_sha"]
        return f"refs/pull/{pull['number']}/merge", pull["merge_commit_sha"] or pull["head"]["sha"]
    if name == "pull_request_target" and pull is not None:
        return f"refs/heads/{pull['base']['ref']}", pull["base"]["sha"]
    ref = payload["ref"] if name == "workflow_dispatch" else f"refs/heads/{repository.default_branch}"
    return ref, repository.store.refs().get(ref, "")
