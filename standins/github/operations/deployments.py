"""Deployments with GitHub's traps: required contexts, auto-merge, and what `inactive` reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from standins.github import errors
from standins.github.operations import branches
from standins.github.operations.accounts import Actor
from standins.github.state import Deployment, DeploymentStatus, Environment, Hub, Json, Repository

STATES: Final = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
_DESCRIPTION_LIMIT: Final = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller asks for; `required_contexts` None means every check of the commit must have passed."""

    ref: str
    environment: str = "production"
    task: str = "deploy"
    payload: Json | str = field(default_factory=dict)
    description: str | None = ""
    auto_merge: bool = True
    required_contexts: list[str] | None = None
    transient: bool = False
    production: bool | None = None


def create(hub: Hub, repository: Repository, request: Request, actor: Actor) -> Deployment:
    sha = repository.store.resolve(request.ref)
    if sha is None:
        raise errors.unprocessable(f"No ref found for: {request.ref}")
    _limit(request.description)
    if request.auto_merge:
        _merge_default_branch(hub, repository, request.ref, sha, actor)
    _require_contexts(repository, sha, request.required_contexts)
    production = request.environment == "production" if request.production is None else request.production
    deployment = Deployment(
        id=hub.new_id("deployment"),
        sha=sha,
        ref=request.ref,
        task=request.task,
        payload=request.payload,
        environment=request.environment,
        original_environment=request.environment,
        description=request.description,
        creator=actor.account,
        app=actor.app,
        transient=request.transient,
        production=production,
        created_at=hub.now(),
        updated_at=hub.now(),
    )
    repository.deployments[deployment.id] = deployment
    _know_environment(hub, repository, request.environment)
    return deployment


def _merge_default_branch(hub: Hub, repository: Repository, ref: str, sha: str, actor: Actor) -> None:
    """A branch behind the default branch is brought up to date instead of being deployed (202)."""
    default = branches.tip(repository, repository.default_branch)
    if branches.tip(repository, ref) is None or default is None or repository.store.is_ancestor(default, sha):
        return
    tree = repository.store.merge_tree(sha, default)
    if tree is None:
        raise errors.ApiError(HTTPStatus.CONFLICT, f"Conflict merging {repository.default_branch} into {ref}.")
    message = f"Merge {repository.default_branch} into {ref}"
    merged = repository.store.commit_tree(tree, [sha, default], message, branches.person(actor.account), hub.now())
    repository.store.update_ref(f"refs/heads/{ref}", merged, sha)
    branches.sync(hub, repository, actor)
    raise errors.ApiError(
        HTTPStatus.ACCEPTED, f"Auto-merged {repository.default_branch} into {ref} on deployment."
    )


def _require_contexts(repository: Repository, sha: str, required: list[str] | None) -> None:
    states = {one.context: one.state == "success" for one in repository.statuses if one.sha == sha}
    states |= {
        run.name: run.conclusion in ("success", "neutral", "skipped")
        for run in repository.check_runs.values()
        if run.head_sha == sha
    }
    wanted = states.keys() if required is None else required
    failed = [context for context in wanted if not states.get(context, False)]
    if failed:
        contexts = [{"resource": "Deployment", "code": "invalid", "field": "required_contexts"}]
        message = f"Conflict: Commit status checks failed for {sha[:7]}."
        raise errors.ApiError(HTTPStatus.CONFLICT, message, errors=contexts)


def _know_environment(hub: Hub, repository: Repository, name: str) -> None:
    """Deploying to an environment that does not exist makes it."""
    if name.lower() not in repository.environments:
        repository.environments[name.lower()] = Environment(
            id=hub.new_id("environment"), name=name, created_at=hub.now(), updated_at=hub.now()
        )


def add_status(
    hub: Hub,
    repository: Repository,
    deployment: Deployment,
    *,
    state: str,
    actor: Actor,
    description: str = "",
    environment: str | None = None,
    environment_url: str = "",
    log_url: str = "",
    auto_inactive: bool = True,
) -> DeploymentStatus:
    if state not in STATES:
        raise errors.invalid("DeploymentStatus", "state", "state is not included in the list")
    _limit(description)
    status = DeploymentStatus(
        id=hub.new_id("deployment status"),
        state=state,
        creator=actor.account,
        app=actor.app,
        description=description,
        environment=environment or deployment.environment,
        environment_url=environment_url,
        log_url=log_url,
        created_at=hub.now(),
    )
    deployment.statuses.append(status)
    deployment.updated_at = hub.now()
    if environment is not None:
        deployment.environment = environment
        _know_environment(hub, repository, environment)
    if state == "success" and auto_inactive:
        _retire_earlier(hub, repository, deployment, actor)
    return status


def _retire_earlier(hub: Hub, repository: Repository, newest: Deployment, actor: Actor) -> None:
    """GitHub marks earlier successes of the same environment inactive: neither transient nor production ones."""
    for other in repository.deployments.values():
        same = other.environment == newest.environment and other.id < newest.id
        if same and not other.transient and not other.production and state_of(other) == "success":
            add_status(hub, repository, other, state="inactive", actor=actor, auto_inactive=False)


def state_of(deployment: Deployment) -> str:
    """The latest status, or pending while there is none."""
    return deployment.statuses[-1].state if deployment.statuses else "pending"


def delete(repository: Repository, deployment: Deployment) -> None:
    others = [
        one
        for one in repository.deployments.values()
        if one.environment == deployment.environment and one is not deployment
    ]
    if others and state_of(deployment) != "inactive":
        raise errors.unprocessable(
            "We cannot delete an active deployment unless it is the only deployment in a given environment."
        )
    del repository.deployments[deployment.id]


def delete_environment(repository: Repository, name: str) -> None:
    if repository.environments.pop(name.lower(), None) is None:
        raise errors.not_found()
    for one in [one for one in repository.deployments.values() if one.environment.lower() == name.lower()]:
        del repository.deployments[one.id]


def _limit(description: str | None) -> None:
    if description is not None and len(description) > _DESCRIPTION_LIMIT:
        message = f"description is too long (maximum is {_DESCRIPTION_LIMIT} characters)"
        raise errors.invalid("Deployment", "description", message)
