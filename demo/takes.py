"""What is kept of each workflow run: the run itself, and how the world looked right after it."""

import subprocess
from pathlib import Path

from msgspec import Struct

from demo.actrun import Run
from demo.stage import Stage

RECORDS_BRANCH = "eod/environments"
RECORDS_FOLDER = "environments/preview"


class Comment(Struct, frozen=True, kw_only=True):
    """A comment of ours."""

    id: int
    body: str


class Take(Struct, frozen=True, kw_only=True):
    """One run and what there was after it.

    Attributes:
        number: The pull request that this is about.
        run: The run.
        began: Seconds since the story began.
        ended: The same.
        comments: All comments of the pull request.
        record: The environment's record, or empty.
        databases: The identity of each Aurora cluster of the environment: one that was rebuilt has another.
        deployments: The state of each Deployment, by its id.
    """

    number: int
    run: Run
    began: float
    ended: float
    comments: tuple[Comment, ...]
    record: str
    databases: tuple[str, ...]
    deployments: dict[int, str]

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.trigger.name


def take(stage: Stage, run: Run, number: int, *, began: float, ended: float) -> Take:
    """Look round after a run."""
    repository = stage.repository
    return Take(
        number=number,
        run=run,
        began=began,
        ended=ended,
        comments=tuple(Comment(id=one["id"], body=one["body"]) for one in repository.comments(number)),
        record=records(repository.path).get(f"pr-{number}.yaml", ""),
        databases=_databases(stage, f"pr-{number}"),
        deployments={
            one["id"]: repository.deployment_state(one["id"])
            for one in repository.deployments()
            if one["environment"].endswith(f"pr-{number}")
        },
    )


def records(repository: Path) -> dict[str, str]:
    """Every record by the name of its file, as the branch has it now."""
    listed = _git(repository, "ls-tree", "-r", "--name-only", RECORDS_BRANCH, "--", f"{RECORDS_FOLDER}/")
    return {Path(path).name: _git(repository, "show", f"{RECORDS_BRANCH}:{path}") for path in listed.splitlines()}


def history(repository: Path) -> str:
    """The log of the records' branch, oldest first: the audit trail."""
    return _git(repository, "log", "--reverse", "--date=format:%H:%M:%S", "--format=%h %ad %s", RECORDS_BRANCH)


def _git(repository: Path, *arguments: str) -> str:
    """What git prints; nothing where the branch does not exist yet."""
    return subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True, check=False).stdout


def _databases(stage: Stage, environment: str) -> tuple[str, ...]:
    pages = stage.aws.client("rds").get_paginator("describe_db_clusters").paginate()
    return tuple(
        f"{cluster['DBClusterIdentifier']} {cluster['DbClusterResourceId']} {cluster['ClusterCreateTime']}"
        for page in pages
        for cluster in page["DBClusters"]
        if environment in cluster["DBClusterIdentifier"]
    )
