"""Check runs."""

from __future__ import annotations

from standins.github.render.accounts import app
from standins.github.render.common import node_id, timestamp
from standins.github.render.pulls import minimal_pull
from standins.github.state import CheckRun, Json, Repository
from standins.github.urls import Urls


def check_run(one: CheckRun, repository: Repository, urls: Urls) -> Json:
    url = f"{urls.repository(repository)}/check-runs/{one.id}"
    web = f"{urls.repository_web(repository)}/runs/{one.id}"
    pulls = [each for each in repository.pulls if each.state == "open" and each.head_sha == one.head_sha]
    return {
        "id": one.id,
        "name": one.name,
        "node_id": node_id("CheckRun", one.id),
        "head_sha": one.head_sha,
        "external_id": one.external_id,
        "url": url,
        "html_url": web,
        "details_url": one.details_url or web,
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": timestamp(one.started_at),
        "completed_at": timestamp(one.completed_at),
        "output": {
            "title": one.title,
            "summary": one.summary,
            "text": one.text,
            "annotations_count": len(one.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": one.app.id},
        "app": app(one.app, urls),
        "pull_requests": [minimal_pull(each, urls) for each in pulls],
    }


def annotation(one: Json, run: CheckRun, repository: Repository, urls: Urls) -> Json:
    return {
        "path": one["path"],
        "blob_href": f"{urls.repository_web(repository)}/blob/{run.head_sha}/{one['path']}",
        "start_line": one["start_line"],
        "start_column": one.get("start_column"),
        "end_line": one["end_line"],
        "end_column": one.get("end_column"),
        "annotation_level": one["annotation_level"],
        "title": one.get("title"),
        "message": one["message"],
        "raw_details": one.get("raw_details"),
    }
