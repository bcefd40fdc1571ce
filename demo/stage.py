"""The stage: stand-ins for GitHub, Kubernetes with Argo CD and AWS, a repository, and the action as it is here."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from demo import shop
from demo.engine import terraform_folder
from demo.export import ROOT, Actions, export
from standins.github import GitHub, RepositoryControl
from standins.github import server as github_server
from standins.kubernetes import EmbeddedCluster, embedded_cluster
from standins.kubernetes.api import Write
from standins.moto.account import SharedResources, furnish
from standins.moto.inventory import inventory
from standins.moto.provider_mirror import cli_configuration, find_mirror
from standins.moto.server import MotoServer, moto_server

_NOT_FOR_JOBS = (
    *("EOD_", "GITHUB_", "RUNNER_", "ACTIONS_", "INPUT_", "AWS_", "ARGOCD_", "KUBE", "TF_", "GIT_"),
    *("PYTHON", "VIRTUAL_ENV"),
)
"""What whoever started the demo was told, and no job may be."""
_LOOPBACK = "127.0.0.1,localhost"


class Stage(Struct, frozen=True, kw_only=True):
    """Everything that runs, and what there was before the story began."""

    github: GitHub
    repository: RepositoryControl
    cluster: EmbeddedCluster
    aws: MotoServer
    shared: SharedResources
    actions: Actions
    clone: Path
    scratch: Path
    environment: dict[str, str]
    resources_before: frozenset[str]
    objects_before: frozenset[str]


def cache_folder() -> Path:
    """What is worth keeping from one demo to the next: installed packages."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "eod-demo"


@contextmanager
def set_up() -> Iterator[Stage]:
    """Start all stand-ins, and stop them when the block ends.

    Raises:
        CannotPlayError: There is no Terraform to be had.
    """
    with ExitStack() as stack:
        scratch = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="eod-demo-", ignore_cleanup_errors=True))
        )
        terraform = terraform_folder(cache_folder(), scratch / "bin", os.environ.get("PATH", ""))
        aws = stack.enter_context(moto_server())
        github = stack.enter_context(github_server(scratch / "github"))
        cluster = stack.enter_context(embedded_cluster(directory=scratch / "cluster"))
        with ThreadPoolExecutor() as pool:
            actions = pool.submit(export, scratch / "actions")
            shared = furnish(aws, shop.DOMAIN)
        source = shop.lay_out(scratch / "source", shared)
        repository = github.create_repository(shop.OWNER, shop.NAME, source)
        _install_project(cluster, repository)
        yield Stage(
            github=github,
            repository=repository,
            cluster=cluster,
            aws=aws,
            shared=shared,
            actions=actions.result(),
            clone=_clone(repository, scratch / "clone"),
            scratch=scratch,
            environment=_environment(scratch, cluster, aws, terraform),
            resources_before=inventory(aws),
            objects_before=objects(cluster),
        )


def objects(cluster: EmbeddedCluster) -> frozenset[str]:
    """The name of everything in the cluster but events and leases: `pods pr-1/shop`."""
    api = cluster.api
    with api.store.lock:
        return frozenset(
            f"{plural} {value['metadata'].get('namespace', '')}/{value['metadata']['name']}"
            for group, plural in api.store.types()
            for value in api.store.all((group, plural))
            if plural not in {"events", "leases"}
        )


def _clone(repository: RepositoryControl, folder: Path) -> Path:
    """A clone for act to read the workflows from."""
    subprocess.run(["git", "clone", "--quiet", "--depth=1", repository.clone_url, folder], check=True)
    return folder


def _environment(
    scratch: Path, cluster: EmbeddedCluster, aws: MotoServer, terraform: Path | None
) -> dict[str, str]:
    """What every job has in its environment, as the runner's own image would."""
    told = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_FOR_JOBS)}
    # Last, for a machine where nothing else has them: what `make install` has brought along.
    ours = (str(folder) for folder in (ROOT / ".venv-uv/bin", Path(sys.executable).parent) if folder.exists())
    first = () if terraform is None else (str(terraform),)
    told |= {
        "PATH": os.pathsep.join((*first, told.get("PATH", os.defpath), *ours)),
        "KUBECONFIG": str(cluster.kubeconfig),
        "EOD_SETUP_CACHE": str(cache_folder()),
        "CHECKPOINT_DISABLE": "1",
        **{name: ",".join(filter(None, (told.get(name), _LOOPBACK))) for name in ("NO_PROXY", "no_proxy")},
        **aws.environment(),
    }
    mirror = cli_configuration(find_mirror())
    if mirror is not None:
        settings = scratch / "terraform.rc"
        settings.write_text(mirror, "utf-8")
        told["TF_CLI_CONFIG_FILE"] = str(settings)
    return told


def _install_project(cluster: EmbeddedCluster, repository: RepositoryControl) -> None:
    """What the platform team does once: `kubectl apply -f argocd/appproject.yaml`."""
    api = cluster.api
    project = shop.argocd_project(repository.clone_url)
    how = Write(manager="kubectl")
    api.create(api.type("appprojects.argoproj.io"), cluster.argocd_namespace, project, how)
