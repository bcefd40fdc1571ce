"""Argo CD outside of pods: what it needs in the cluster, and its programs with the rights of its own pods."""

import datetime as dt
import json
import os
import secrets
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import msgspec

from testbed import objects, web
from testbed.control_plane import ControlPlane, Identity
from testbed.ports import LOOPBACK, free_ports
from testbed.processes import Processes
from testbed.redis import Redis

NAMESPACE = "argocd"
ACCOUNT = "eod"

# What installs the programs as pods; ours run beside the cluster.
_RUNS_IN_PODS = {"Deployment", "StatefulSet", "Service", "NetworkPolicy"}
_NOT_RUN = ("dex", "notifications", "redis")


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """A token for Argo CD's API and what Argo CD must know in order to accept it.

    Attributes:
        signing_key: Argo CD's `server.secretkey`.
        token_id: The token's id, listed with the account.
        issued_at: Seconds since the epoch.
    """

    signing_key: str
    token_id: str
    issued_at: int

    @classmethod
    def make(cls, now: dt.datetime) -> "Access":
        """A fresh key and token id."""
        return cls(
            signing_key=secrets.token_urlsafe(32), token_id=secrets.token_hex(8), issued_at=int(now.timestamp())
        )

    @property
    def token(self) -> str:
        """The token as a client sends it, in the form that Argo CD itself gives to an account's API key."""
        claims = {
            "iss": "argocd",
            "sub": f"{ACCOUNT}:apiKey",
            "iat": self.issued_at,
            "nbf": self.issued_at,
            "jti": self.token_id,
        }
        return jwt.encode(claims, self.signing_key, algorithm="HS256")

    def settings(self) -> dict[str, dict[str, str]]:
        """Name of a ConfigMap or Secret of Argo CD → what to add, so that the account may do everything."""
        tokens = json.dumps([{"id": self.token_id, "iat": self.issued_at}])
        return {
            "argocd-cm": {f"accounts.{ACCOUNT}": "apiKey", "admin.enabled": "false"},
            "argocd-rbac-cm": {"policy.csv": f"g, {ACCOUNT}, role:admin\n"},
            "argocd-cmd-params-cm": {"server.insecure": "true"},
            "argocd-secret": {"server.secretkey": self.signing_key, f"accounts.{ACCOUNT}.tokens": tokens},
        }


def install(client: Any, manifests: Path, access: Access, *, pods: bool) -> None:
    """Put Argo CD's definitions, roles, settings and default project into the cluster.

    Args:
        client: From `objects.connect`.
        manifests: Argo CD's own `install.yaml`.
        access: What the API token needs.
        pods: Whether the programs shall run in pods of the cluster.
    """
    upstream = objects.load(manifests)
    definitions = [one for one in upstream if one["kind"] == "CustomResourceDefinition"]
    others = [one for one in upstream if one not in definitions and (pods or _wanted_without_pods(one))]
    objects.apply(client, [*definitions, _NAMESPACE])
    objects.apply(client, with_settings(others, access.settings()), namespace=NAMESPACE)
    for definition in definitions:
        objects.wait_for_condition(client, definition, "Established")
    objects.apply(client, [_DEFAULT_PROJECT], namespace=NAMESPACE)


def with_settings(manifests: list[dict[str, Any]], settings: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    """The manifests, the ConfigMaps and Secrets among them with further entries."""
    fields = {"ConfigMap": "data", "Secret": "stringData"}
    merged = []
    for manifest in manifests:
        field = fields.get(manifest["kind"])
        added = settings.get(manifest["metadata"]["name"])
        present = manifest.get(field, {}) if field else {}
        merged.append(manifest | {field: present | added} if field and added else manifest)
    return merged


class ArgoCD:
    """Argo CD's programs and their Redis, each with the service account that its pod would have.

    Args:
        processes: Who runs them.
        programs: The folder of Argo CD's executables.
        tools: The folder of `kustomize`, which the repository server starts.
        state: The testbed's folder.
    """

    def __init__(self, *, processes: Processes, programs: Path, tools: Path, state: Path) -> None:
        self._processes = processes
        self._programs = programs
        self._state = state
        self._redis = Redis(processes=processes, state=state)
        self._accounts = {
            name: Identity.service_account(NAMESPACE, name)
            for name in ("argocd-application-controller", "argocd-applicationset-controller", "argocd-server")
        }
        self._ports = free_ports(
            "repo-server",
            "repo-server-metrics",
            "application-controller-metrics",
            "applicationset-probe",
            "applicationset-metrics",
            "applicationset-webhook",
            "server",
            "server-metrics",
        )
        self._environment = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(state),
            "TMPDIR": str(state / "tmp"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "REDIS_PASSWORD": self._redis.password,
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_TLS_DATA_PATH": str(_folder(state / "argocd" / "tls")),
            "ARGOCD_SSH_DATA_PATH": str(_folder(state / "argocd" / "ssh")),
        }
        self.url = f"http://{LOOPBACK}:{self._ports['server']}"

    @property
    def identities(self) -> list[Identity]:
        """Whom the API server has to know."""
        return list(self._accounts.values())

    def start_servers_of_their_own(self) -> None:
        """Start what does not talk to the cluster, without waiting."""
        self._redis.start()
        self._start(
            "argocd-repo-server",
            f"--address={LOOPBACK}",
            f"--port={self._ports['repo-server']}",
            f"--metrics-address={LOOPBACK}",
            f"--metrics-port={self._ports['repo-server-metrics']}",
            f"--redis={self._redis.address}",
            "--disable-tls",
        )

    def start(self, control_plane: ControlPlane) -> None:
        """Start what acts on the cluster, once `install` has put into it what that needs; without waiting."""
        for account, identity in self._accounts.items():
            control_plane.kubeconfig_for(identity, self._kubeconfig(account), namespace=NAMESPACE)
        repository_server = f"{LOOPBACK}:{self._ports['repo-server']}"
        self._start(
            "argocd-application-controller",
            f"--namespace={NAMESPACE}",
            f"--repo-server={repository_server}",
            "--repo-server-plaintext",
            f"--redis={self._redis.address}",
            f"--metrics-port={self._ports['application-controller-metrics']}",
        )
        self._start(
            "argocd-applicationset-controller",
            f"--namespace={NAMESPACE}",
            f"--argocd-repo-server={repository_server}",
            "--repo-server-plaintext",
            *(
                f"--{name}-addr={LOOPBACK}:{self._ports[f'applicationset-{name}']}"
                for name in ("metrics", "probe", "webhook")
            ),
        )
        self._start(
            "argocd-server",
            f"--namespace={NAMESPACE}",
            f"--repo-server={repository_server}",
            "--repo-server-plaintext",
            f"--redis={self._redis.address}",
            "--insecure",
            f"--address={LOOPBACK}",
            f"--port={self._ports['server']}",
            f"--metrics-port={self._ports['server-metrics']}",
        )

    def wait(self) -> None:
        """Wait until every program says that it is healthy."""
        self._redis.wait()
        probes = {
            "argocd-repo-server": ("repo-server-metrics", "healthz?full=true"),
            "argocd-application-controller": ("application-controller-metrics", "healthz"),
            "argocd-applicationset-controller": ("applicationset-metrics", "metrics"),
            "argocd-server": ("server", "healthz?full=true"),
        }
        for name, (port, path) in probes.items():
            url = f"http://{LOOPBACK}:{self._ports[port]}/{path}"
            self._processes.wait_until(name, partial(web.answers, url))

    def _start(self, name: str, *arguments: str) -> None:
        environment = self._environment | {"KUBECONFIG": str(self._kubeconfig(name))}
        self._processes.start(name, [self._programs / name, *arguments], environment=environment)

    def _kubeconfig(self, account: str) -> Path:
        return self._state / f"{account}.kubeconfig"


_NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}

_DEFAULT_PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "default"},
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    },
}


def _wanted_without_pods(manifest: dict[str, Any]) -> bool:
    name = manifest["metadata"]["name"]
    return manifest["kind"] not in _RUNS_IN_PODS and not any(part in name for part in _NOT_RUN)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
