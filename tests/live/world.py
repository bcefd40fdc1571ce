"""The example repository on real parts, its configuration made to fit the account and the cluster there are."""

import itertools
import json
import random
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from standins.moto.account import SharedResources
from standins.moto.server import MotoServer
from testbed import Testbed
from tests.engines import LOCK
from tests.world import ROOT, World

EXAMPLE = ROOT / "examples/preview"
CHANGES = ROOT / "demo/changes"
DOMAIN = "preview.example.com"
NUMBERS: Iterator[int] = itertools.count(random.randrange(1_000, 900_000) * 1_000)
"""Namespaces are the whole cluster's, which may outlive a run of the tests: none comes twice."""

SMALL = """\
terraform {
  backend "s3" {}
}

variable "environment" {
  type = string
}

resource "terraform_data" "first" {
  input = var.environment
}
"""

MERGE = "application/merge-patch+json"

Tree = Mapping[str, Any]


@dataclass(kw_only=True)
class LiveWorld(World):
    """The example repository, its pull requests numbered so that no other test's are in their way."""

    cluster: Testbed
    aws: MotoServer
    shared: SharedResources
    numbers: list[int] = field(default_factory=list)

    def open(self, files, branch="change", **options):
        number = next(NUMBERS)
        self.numbers.append(number)
        return super().open(files, branch, number=number, **options)

    def kube_config(self) -> dict[str, Any]:
        """What the kubeconfig says."""
        found: dict[str, Any] = yaml.safe_load(Path(self.cluster.kubeconfig).read_text())
        return found

    def discard(self, number: int) -> None:
        """Have the cluster remove what a test left of the pull request; nobody waits for that."""
        applications = f"/apis/argoproj.io/v1alpha1/namespaces/{self.cluster.argocd_namespace}/applications"
        for path in (f"{applications}/pr-{number}", f"/api/v1/namespaces/pr-{number}"):
            self.kube_answer("DELETE", path)

    def close(self, number: int) -> None:
        """Close the pull request and let its environment be torn down."""
        self.repository.close(number)
        assert self.event(number, "closed") == 0
        assert self.outputs["phase"] == "destroyed"

    def configure(self, changes: Tree) -> None:
        """Put the configuration with these changes on the base branch; None takes a key out."""
        self.config = yaml.safe_dump(merged(yaml.safe_load(self.config), changes), sort_keys=False)
        self.reconfigure(self.config)

    def active_deployments(self, number: int) -> list[Any]:
        """GitHub's Deployments of the pull request that are not inactive."""
        return [
            one for one in self.repository.active_deployments() if one["environment"] == f"preview/pr-{number}"
        ]

    def make(self, path: str, body: Tree) -> dict[str, Any]:
        """Create something in the cluster."""
        status, answer = self.kube_answer("POST", path, body)
        assert status == 201, answer
        return dict(answer)

    def deployment(self, number: int, name: str = "shop") -> dict[str, Any]:
        """A Deployment in the pull request's namespace."""
        found: dict[str, Any] = self.kube("GET", f"/apis/apps/v1/namespaces/pr-{number}/deployments/{name}")
        return found

    def listing(self, number: int, group_version: str, plural: str) -> list[dict[str, Any]]:
        """All objects of a kind in the pull request's namespace."""
        root = "/api" if group_version == "v1" else "/apis"
        found: list[dict[str, Any]] = self.kube("GET", f"{root}/{group_version}/namespaces/pr-{number}/{plural}")[
            "items"
        ]
        return found

    def application(self, number: int) -> dict[str, Any] | None:
        """The pull request's Argo CD Application, if there is one."""
        group = f"/apis/argoproj.io/v1alpha1/namespaces/{self.cluster.argocd_namespace}"
        status, body = self.kube_answer("GET", f"{group}/applications/pr-{number}")
        return body if status == 200 else None

    def namespace(self, number: int) -> dict[str, Any] | None:
        """The pull request's namespace, if there is one."""
        status, body = self.kube_answer("GET", f"/api/v1/namespaces/pr-{number}")
        return dict(body) if status == 200 else None

    def state(self, number: int) -> list[str]:
        """Addresses of what Terraform's state of the pull request holds."""
        key = self.record_of(number)["terraform"]["backend"]["key"]
        body = self.aws.client("s3").get_object(Bucket=self.shared.state_bucket, Key=key)["Body"]
        return [f"{item['type']}.{item['name']}" for item in json.load(body)["resources"]]


def is_source(path: Path) -> bool:
    """Whoever ran the application where it lies left what Python compiled."""
    return path.is_file() and "__pycache__" not in path.parts


def change(name: str, step: str = "1-opened") -> dict[str, str]:
    """The files of one of the demo's pull requests."""
    folder = CHANGES / name / step
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if is_source(path)}


def small(world: LiveWorld, text: str = "") -> dict[str, str]:
    """A root module without providers, of which the backend is the example's; `text` is what it adds."""
    world.configure(
        {
            "terraform": {"directory": "small", "variables": None},
            "argocd": {"mode": "none"},
            "readiness": {"enabled": False},
        }
    )
    return {"small/main.tf": SMALL + text}


def slow(name: str, seconds: float, *, when: str = "create") -> str:
    """A resource that takes its time, to be made or to be destroyed."""
    return (
        f'resource "terraform_data" "{name}" {{\n'
        "  depends_on = [terraform_data.first]\n"
        '  provisioner "local-exec" {\n'
        f"    when    = {when}\n"
        f'    command = "sleep {seconds}"\n'
        "  }\n"
        "}\n"
    )


def edited(path: str, old: str, new: str) -> dict[str, str]:
    """One of the example's files with a text replaced; with two empty texts as it is."""
    text = (EXAMPLE / path).read_text()
    assert old in text
    return {path: text.replace(old, new) if old else text}


def example_source(directory: Path, config: str) -> Path:
    """A copy of the example with that configuration."""
    shutil.copytree(EXAMPLE, directory, ignore=shutil.ignore_patterns(".terraform*", "__pycache__"))
    (directory / ".github/eod.yml").write_text(config)
    return directory


def configuration(shared: SharedResources, *, project: str, cluster: Testbed) -> str:
    """The example's configuration with the handles of the account that is there, and without long waits."""
    changes = {
        "shared": {name.replace("_", "-"): value for name, value in shared.shared().items()},
        "terraform": {
            "backend": {"bucket": shared.state_bucket, "use_lockfile": None, **LOCK},
            "variables": shared.variables(),
            "lock-timeout-seconds": 20,
        },
        "argocd": {
            "project": project,
            "namespace": cluster.argocd_namespace,
            "hold-seconds": 0.5,
            "timeout-minutes": 2,
        },
        "readiness": {"timeout-minutes": 1},
        "limits": {"teardown-minutes": 2},
        "aws": {"hosted-zone": shared.zone_id},
    }
    text = (EXAMPLE / ".github/eod.yml").read_text()
    return yaml.safe_dump(merged(yaml.safe_load(text), changes), sort_keys=False)


def merged(tree: Tree, changes: Tree) -> dict[str, Any]:
    """`tree` with `changes` laid over it; None takes a key out."""
    result = dict(tree)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            result[key] = merged(result.get(key) or {}, value)
        else:
            result[key] = value
    return result
