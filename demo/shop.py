"""The repository that the story plays in: the example, with the account's handles filled in."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from demo.export import ROOT
from standins.moto.account import SharedResources
from standins.moto.server import REGION

DOMAIN = "neo01.com"
OWNER, NAME = "acme", "shop"
LIGHTWEIGHT_SECONDS = 30
"""How long a lightweight environment lives: long enough to be looked at, and over before the sweep comes."""

_EXAMPLE = ROOT / "examples/preview"
_WORKFLOWS = ROOT / "examples/workflows"


def lay_out(folder: Path, shared: SharedResources) -> Path:
    """Copy the example into `folder` as a team would, and set it up for this account."""
    shutil.copytree(_EXAMPLE, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "__pycache__"))
    configuration = folder / ".github/eod.yml"
    settings = yaml.safe_load(configuration.read_text("utf-8"))
    configuration.write_text(yaml.safe_dump(configure(settings, shared), sort_keys=False), "utf-8")
    target = folder / ".github/workflows"
    target.mkdir()
    for workflow in _WORKFLOWS.glob("*.yml"):
        (target / workflow.name).write_text(_without_setup(workflow.read_text("utf-8")), "utf-8")
    return folder


def configure(settings: dict[str, Any], shared: SharedResources) -> dict[str, Any]:
    """The example's configuration with this account's domain, zone, bucket and other handles."""
    terraform, aws = settings["terraform"], settings["aws"]
    return {
        **settings,
        "domain": DOMAIN,
        "shared": {key.replace("_", "-"): value for key, value in shared.shared().items()},
        "terraform": {
            **terraform,
            "backend": {**terraform["backend"], "bucket": shared.state_bucket, "region": REGION},
            "variables": {**terraform["variables"], **shared.variables()},
        },
        "aws": {**aws, "region": REGION, "hosted-zone": shared.zone_id},
        "ttl": {"hours": 24, "warn-hours": 0},
        "tiers": {"lightweight": {"ttl-hours": round(LIGHTWEIGHT_SECONDS / 3600, 5)}},
    }


def argocd_project(clone_url: str) -> dict[str, Any]:
    """The example's AppProject, for the repository where it lies here."""
    project: dict[str, Any] = yaml.safe_load((_EXAMPLE / "argocd/appproject.yaml").read_text("utf-8"))
    project["spec"]["sourceRepos"] = [clone_url]
    return project


def _without_setup(workflow: str) -> str:
    """The caller's workflow for a runner that has Terraform and a kubeconfig: no step has to fetch any."""
    return workflow.replace("    with:\n", '    with:\n      terraform-version: ""\n')
