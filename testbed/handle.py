"""What a running testbed tells the world about itself, and the file that it writes that to."""

import contextlib
import os
from pathlib import Path
from typing import Any

import msgspec

from testbed.repository import Repository

_FILE = "testbed.json"


class Testbed(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster with Argo CD in it, wherever it came from.

    Attributes:
        kubeconfig: Path of a kubeconfig whose current context is the cluster, as an administrator.
        argocd_server: Address of Argo CD's API server with its scheme, for instance `http://127.0.0.1:20080`.
        argocd_auth_token: Token of an Argo CD account that may do everything.
        argocd_namespace: The namespace of Argo CD and its Applications.
        state_dir: A folder for whatever belongs to this testbed and goes with it.
        load_balancer_port: Port on 127.0.0.1 of the load balancer that every Ingress gets.
        host_address: Address under which the cluster's controllers reach servers on this machine.
        git_dir: Where `repository` makes repositories.
        git_url: The URL under which Argo CD sees `git_dir`.
    """

    __test__ = False

    kubeconfig: str
    argocd_server: str
    argocd_auth_token: str
    state_dir: str
    load_balancer_port: int
    git_dir: str
    git_url: str
    argocd_namespace: str = "argocd"
    host_address: str = "127.0.0.1"

    @property
    def environment(self) -> dict[str, str]:
        """The ecosystem's standard variables, for a child process that shall use this cluster."""
        return {
            "KUBECONFIG": self.kubeconfig,
            "ARGOCD_SERVER": self.argocd_server,
            "ARGOCD_AUTH_TOKEN": self.argocd_auth_token,
        }

    def api(self) -> Any:
        """A new `kubernetes.client.ApiClient` for the cluster; to be closed by whoever asked for it."""
        from kubernetes import config

        return config.new_client_from_config(self.kubeconfig)

    def repository(self, name: str) -> Repository:
        """Make an empty Git repository that Argo CD can read.

        Args:
            name: A name that no other repository of this testbed has.
        """
        return Repository.make(Path(self.git_dir) / name, url=f"{self.git_url}/{name}")


def write(testbed: Testbed) -> None:
    """Leave the description in the testbed's folder, complete from the moment on at which it can be seen."""
    path = Path(testbed.state_dir) / _FILE
    unfinished = path.with_suffix(".unfinished")
    with open(unfinished, "wb", opener=_private) as file:
        file.write(msgspec.json.encode(testbed))
    unfinished.replace(path)


def read(state: Path) -> Testbed | None:
    """The description that a testbed in this folder has left, or None."""
    try:
        return msgspec.json.decode((state / _FILE).read_bytes(), type=Testbed)
    except FileNotFoundError:
        return None


def remove(state: Path) -> None:
    """Take the description away: there is no testbed any more."""
    with contextlib.suppress(FileNotFoundError):
        (state / _FILE).unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
