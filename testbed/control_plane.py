"""etcd, the API server with its controllers, and kwok in the place of nodes."""

import os
import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from testbed import kubeconfig, web
from testbed.certificates import Keys
from testbed.ports import LOOPBACK, free_ports
from testbed.processes import Processes

# They configure a cloud's or a network's side of nodes, of which there is none.
_CONTROLLERS_LEFT_OUT = (
    "cloud-node-lifecycle-controller",
    "node-ipam-controller",
    "node-route-controller",
    "service-lb-controller",
)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Someone whom the API server knows by a token.

    Attributes:
        user: The user name.
        groups: The groups that role bindings may name.
        token: The bearer token.
    """

    user: str
    groups: tuple[str, ...]
    token: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(32))

    @classmethod
    def service_account(cls, namespace: str, name: str) -> "Identity":
        """The identity that a pod with this service account has."""
        return cls(
            user=f"system:serviceaccount:{namespace}:{name}",
            groups=("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"),
        )


class ControlPlane:
    """The control plane's programs, started in the order in which they need each other.

    Args:
        processes: Who runs them.
        programs: Name of each executable → its path.
        state: The testbed's folder.
        keys: Certificates and keys.
        identities: Who may log in, beside the administrator that is added here.
    """

    def __init__(
        self,
        *,
        processes: Processes,
        programs: Mapping[str, Path],
        state: Path,
        keys: Keys,
        identities: list[Identity],
    ) -> None:
        self._processes = processes
        self._programs = programs
        self._state = state
        self._keys = keys
        self._identities = [Identity(user="admin", groups=("system:masters",)), *identities]
        self._ports = free_ports(
            "etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"
        )
        self._environment = {"PATH": os.defpath, "HOME": str(state), "TMPDIR": str(state / "tmp")}
        self.url = f"https://{LOOPBACK}:{self._ports['kube-apiserver']}"
        self.admin_kubeconfig = self.kubeconfig_for(self._identities[0], state / "kubeconfig")

    def kubeconfig_for(self, identity: Identity, path: Path, *, namespace: str = "default") -> Path:
        """Write a kubeconfig with which this identity talks to the API server."""
        return kubeconfig.write(
            path, server=self.url, authority=self._keys.authority, token=identity.token, namespace=namespace
        )

    def start_etcd(self) -> None:
        """Start the store, without waiting."""
        client, peer = (f"http://{LOOPBACK}:{self._ports[name]}" for name in ("etcd", "etcd-peer"))
        self._start(
            "etcd",
            f"--data-dir={self._state / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        )

    def start_api_server(self) -> None:
        """Start the API server once etcd answers, and wait until it serves."""
        etcd = f"http://{LOOPBACK}:{self._ports['etcd']}"
        self._processes.wait_until("etcd", lambda: web.answers(f"{etcd}/readyz"))
        self._start(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            *self._serving("kube-apiserver"),
            f"--token-auth-file={self._write_tokens()}",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self._keys.service_accounts_public}",
            f"--service-account-signing-key-file={self._keys.service_accounts}",
            # A loopback address may not stand behind the Service `kubernetes`, and no pod really asks there.
            "--endpoint-reconciler-type=none",
        )
        self._processes.wait_until("kube-apiserver", lambda: self._healthy("kube-apiserver", "readyz"))

    def start_controllers(self) -> None:
        """Start what acts on the API server's objects, without waiting."""
        left_out = ",".join(f"-{name}" for name in _CONTROLLERS_LEFT_OUT)
        self._start(
            "kube-controller-manager",
            f"--kubeconfig={self.admin_kubeconfig}",
            *self._serving("kube-controller-manager"),
            "--leader-elect=false",
            # kwok tells that its node lives less often than the default asks for, and never mends a pod that was
            # marked as lost for it.
            "--node-monitor-grace-period=1h",
            f"--controllers=*,{left_out}",
            f"--root-ca-file={self._keys.authority}",
            f"--service-account-private-key-file={self._keys.service_accounts}",
        )
        self._start(
            "kube-scheduler",
            f"--kubeconfig={self.admin_kubeconfig}",
            *self._serving("kube-scheduler"),
            "--leader-elect=false",
        )
        self._start(
            "kwok",
            f"--kubeconfig={self.admin_kubeconfig}",
            "--manage-all-nodes=true",
            f"--server-address={LOOPBACK}:{self._ports['kwok']}",
        )

    def wait_for_controllers(self) -> None:
        """Wait until everything that `start_controllers` started is ready."""
        for name in ("kube-controller-manager", "kube-scheduler"):
            self._processes.wait_until(name, partial(self._healthy, name, "healthz"))
        self._processes.wait_until("kwok", lambda: web.answers(f"http://{LOOPBACK}:{self._ports['kwok']}/readyz"))

    def _start(self, name: str, *arguments: str) -> None:
        self._processes.start(name, [self._programs[name], *arguments], environment=self._environment)

    def _serving(self, name: str) -> list[str]:
        return [
            f"--bind-address={LOOPBACK}",
            f"--secure-port={self._ports[name]}",
            f"--tls-cert-file={self._keys.server}",
            f"--tls-private-key-file={self._keys.server_key}",
        ]

    def _healthy(self, name: str, path: str) -> bool:
        return web.answers(f"https://{LOOPBACK}:{self._ports[name]}/{path}", authority=self._keys.authority)

    def _write_tokens(self) -> Path:
        path = self._state / "tokens.csv"
        path.touch(mode=0o600)
        lines = [f'{one.token},{one.user},{one.user},"{",".join(one.groups)}"' for one in self._identities]
        path.write_text("\n".join(lines) + "\n")
        return path
