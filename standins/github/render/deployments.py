"""Deployments, their statuses, environments."""

from __future__ import annotations

from urllib.parse import quote

from standins.github.render.accounts import app, simple_user
from standins.github.render.common import node_id, timestamp
from standins.github.state import Deployment, DeploymentStatus, Environment, Json, Repository
from standins.github.urls import Urls


def deployment(one: Deployment, repository: Repository, urls: Urls) -> Json:
    url = f"{urls.repository(repository)}/deployments/{one.id}"
    return {
        "url": url,
        "id": one.id,
        "node_id": node_id("Deployment", one.id),
        "task": one.task,
        "original_environment": one.original_environment,
        "environment": one.environment,
        "description": one.description,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "statuses_url": f"{url}/statuses",
        "repository_url": urls.repository(repository),
        "creator": simple_user(one.creator, urls),
        "sha": one.sha,
        "ref": one.ref,
        "payload": one.payload,
        "transient_environment": one.transient,
        "production_environment": one.production,
        "performed_via_github_app": app(one.app, urls) if one.app else None,
    }


def deployment_status(one: DeploymentStatus, of: Deployment, repository: Repository, urls: Urls) -> Json:
    url = f"{urls.repository(repository)}/deployments/{of.id}"
    return {
        "url": f"{url}/statuses/{one.id}",
        "id": one.id,
        "node_id": node_id("DeploymentStatus", one.id),
        "state": one.state,
        "creator": simple_user(one.creator, urls),
        "description": one.description,
        "environment": one.environment,
        "target_url": one.log_url,
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.created_at),
        "deployment_url": url,
        "repository_url": urls.repository(repository),
        "environment_url": one.environment_url,
        "log_url": one.log_url,
        "performed_via_github_app": app(one.app, urls) if one.app else None,
    }


def environment(one: Environment, repository: Repository, urls: Urls) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("Environment", one.id),
        "name": one.name,
        "url": f"{urls.repository(repository)}/environments/{quote(one.name, safe='')}",
        "html_url": f"{urls.repository_web(repository)}/deployments/activity_log?environments_filter={one.name}",
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "protection_rules": [],
        "deployment_branch_policy": None,
    }
