"""The cluster that kind makes, with Argo CD in pods of it."""

import copy
import datetime as dt
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tenacity
import yaml

from testbed import argocd, build, cache, objects, web
from testbed.errors import TestbedError
from testbed.handle import Testbed
from testbed.load_balancer import LoadBalancer
from testbed.parts import ARGOCD_MODULE, ARGOCD_VERSION, part_of
from testbed.ports import LOOPBACK, free_ports

Say = Callable[[str], None]

_NODE_PORT = 30080
_NAME_FILE = "kind-cluster"
_MANIFESTS = Path(__file__).with_name("manifests")
_ENGINES = ("docker", "podman")


def usable() -> bool:
    """Whether there is a kind, and a container engine that answers."""
    return shutil.which("kind") is not None and _engine() is not None


def delete_leftover(state: Path) -> None:
    """Delete the cluster that a testbed in this folder has left, if any."""
    named = state / _NAME_FILE
    if named.exists():
        _run("kind", "delete", "cluster", "--name", named.read_text())
        named.unlink()


class Kind:
    """Creates and deletes the cluster.

    Args:
        state: The testbed's folder; its Git repositories are mounted into the node.
        say: Told each step when it is done.
        now: The time from which tokens are valid.
    """

    def __init__(self, *, state: Path, say: Say, now: dt.datetime) -> None:
        self._state = state
        self._say = say
        self._now = now
        self._repositories = state / "git"

    def start(self) -> Testbed:
        """Create the cluster, install Argo CD into it and wait until it is ready.

        Raises:
            TestbedError: kind refused, or Argo CD did not become ready.
        """
        self._repositories.mkdir()
        port = free_ports("argocd")["argocd"]
        kubeconfig = self._create(port)
        self._say("control plane answers")

        client = objects.connect(kubeconfig, self._state / "discovery.json")
        objects.apply(client, objects.load(_MANIFESTS / "istio.yaml"))
        access = argocd.Access.make(self._now)
        manifests = self._state / "argocd.yaml"
        upstream = objects.load(_argocd_manifests())
        manifests.write_text(yaml.safe_dump_all(for_pods(upstream, self._repositories)))
        argocd.install(client, manifests, access, pods=True)
        load_balancer = LoadBalancer(kubeconfig=kubeconfig, state=self._state)
        load_balancer.start()
        url = f"http://{LOOPBACK}:{port}"
        _wait_for(f"{url}/healthz?full=true")
        self._say("Argo CD is ready")

        return Testbed(
            kubeconfig=str(kubeconfig),
            argocd_server=url,
            argocd_auth_token=access.token,
            state_dir=str(self._state),
            load_balancer_port=load_balancer.port,
            git_dir=str(self._repositories),
            git_url=f"file://{self._repositories}",
            host_address=_gateway(),
        )

    def stop(self) -> None:
        """Delete the cluster."""
        delete_leftover(self._state)

    def ended(self) -> dict[str, int]:
        """Nothing: the cluster restarts its own pods."""
        return {}

    def _create(self, port: int) -> Path:
        kubeconfig = self._state / "kubeconfig"
        settings = self._state / "kind.yaml"
        settings.write_text(yaml.safe_dump(settings_for(port, self._repositories)))
        name = f"eod-{self._now.strftime('%H%M%S')}-{port}"
        (self._state / _NAME_FILE).write_text(name)
        _run(
            *("kind", "create", "cluster", "--name", name, "--wait", "180s"),
            *("--kubeconfig", str(kubeconfig), "--config", str(settings)),
        )
        return kubeconfig


def settings_for(port: int, repositories: Path) -> dict[str, Any]:
    """What kind is told: one node, Argo CD's port on this machine, our repositories inside."""
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [
            {
                "role": "control-plane",
                "extraPortMappings": [{"containerPort": _NODE_PORT, "hostPort": port, "listenAddress": LOOPBACK}],
                "extraMounts": [{"hostPath": str(repositories), "containerPath": str(repositories)}],
            }
        ],
    }


def for_pods(manifests: list[dict[str, Any]], repositories: Path) -> list[dict[str, Any]]:
    """Argo CD's manifests, reachable from outside and able to read our repositories under their own path."""
    changed = copy.deepcopy(manifests)
    for manifest in changed:
        match manifest["kind"], manifest["metadata"]["name"]:
            case "Service", "argocd-server":
                manifest["spec"]["type"] = "NodePort"
                next(port for port in manifest["spec"]["ports"] if port["name"] == "http")["nodePort"] = _NODE_PORT
            case "Deployment", "argocd-repo-server":
                _mount(manifest["spec"]["template"]["spec"], repositories)
    return changed


def _mount(pod: dict[str, Any], repositories: Path) -> None:
    pod["volumes"].append({"name": "eod-git", "hostPath": {"path": str(repositories)}})
    container = pod["containers"][0]
    container["volumeMounts"].append({"name": "eod-git", "mountPath": str(repositories)})
    # The repositories belong to the user outside, not to the one in the pod, which git else refuses to read.
    trusted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    container["env"] += [{"name": name, "value": value} for name, value in trusted.items()]


def _argocd_manifests() -> Path:
    """Argo CD's install.yaml: from the built part, else from its Go module, which need not be built for it."""
    part = part_of("argocd")
    if built := cache.installed(part):
        return built / "install.yaml"
    try:
        return build.module_folder(part, ARGOCD_MODULE) / "manifests" / "install.yaml"
    except FileNotFoundError:
        raise TestbedError(
            f"Argo CD {ARGOCD_VERSION}'s manifests come from its Go module, and there is no `go` on the PATH to "
            "fetch it: install Go, or point EOD_LIVE_KUBECONFIG at a cluster that has Argo CD installed"
        ) from None


def _engine() -> str | None:
    for engine in _ENGINES:
        if shutil.which(engine) and _succeeds(engine, "info"):
            return engine
    return None


def _gateway() -> str:
    """The address under which the node's pods reach this machine."""
    networks = json.loads(_run(_engine() or _ENGINES[0], "network", "inspect", "kind"))
    ranges = networks[0].get("IPAM", {}).get("Config") or networks[0].get("subnets") or []
    gateways = [one.get("Gateway") or one.get("gateway") or "" for one in ranges]
    return next((gateway for gateway in gateways if "." in gateway), LOOPBACK)


@tenacity.retry(
    retry=tenacity.retry_if_result(lambda ready: not ready) | tenacity.retry_if_exception_type(OSError),
    wait=tenacity.wait_fixed(1),
    stop=tenacity.stop_after_delay(300),
)
def _wait_for(url: str) -> bool:
    return web.answers(url)


def _succeeds(*command: str) -> bool:
    with tempfile.TemporaryFile() as nowhere:
        return subprocess.run(command, stdout=nowhere, stderr=nowhere, check=False, timeout=20).returncode == 0


def _run(*command: str) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        last = "\n".join(ended.stderr.strip().splitlines()[-15:])
        raise TestbedError(f"`{' '.join(command[:3])}` ended with {ended.returncode}:\n{last}")
    return ended.stdout
