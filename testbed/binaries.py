"""The cluster that is made of programs built from Go modules, all of them on this machine."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from testbed import argocd, cache, certificates, objects
from testbed.control_plane import ControlPlane
from testbed.errors import TestbedError
from testbed.handle import Testbed
from testbed.load_balancer import LoadBalancer
from testbed.parts import CLUSTER
from testbed.processes import Processes

Say = Callable[[str], None]

_MANIFESTS = Path(__file__).with_name("manifests")


class Binaries:
    """Starts and stops the programs.

    Args:
        state: The testbed's folder.
        say: Told each step when it is done.
        now: The time from which certificates and tokens are valid.
    """

    def __init__(self, *, state: Path, say: Say, now: dt.datetime) -> None:
        self._state = state
        self._say = say
        self._now = now
        self._processes = Processes(state)
        (state / "tmp").mkdir(exist_ok=True)

    def start(self) -> Testbed:
        """Start everything, in the order in which one thing needs the other, and wait until it is ready.

        Raises:
            TestbedError: A program did not become ready.
        """
        built = {part.name: _folder(part.name) for part in CLUSTER}
        keys = certificates.make(self._state / "keys", self._now)
        argo = argocd.ArgoCD(
            processes=self._processes,
            programs=built["argocd"] / "bin",
            tools=built["kustomize"] / "bin",
            state=self._state,
        )
        control_plane = ControlPlane(
            processes=self._processes,
            programs={
                program: built[part.name] / "bin" / program for part in CLUSTER for program in part.programs
            },
            state=self._state,
            keys=keys,
            identities=argo.identities,
        )

        control_plane.start_etcd()
        argo.start_servers_of_their_own()
        control_plane.start_api_server()
        self._say("control plane answers")

        control_plane.start_controllers()
        access = argocd.Access.make(self._now)
        self._install(control_plane, built["argocd"] / "install.yaml", access)
        self._say("definitions and settings are in the cluster")

        argo.start(control_plane)
        load_balancer = LoadBalancer(kubeconfig=control_plane.admin_kubeconfig, state=self._state)
        load_balancer.start()
        control_plane.wait_for_controllers()
        argo.wait()
        self._wait_for_node(control_plane)
        self._say("controllers, node and Argo CD are ready")

        repositories = self._state / "git"
        repositories.mkdir()
        return Testbed(
            kubeconfig=str(control_plane.admin_kubeconfig),
            argocd_server=argo.url,
            argocd_auth_token=access.token,
            state_dir=str(self._state),
            load_balancer_port=load_balancer.port,
            git_dir=str(repositories),
            git_url=f"file://{repositories}",
        )

    def stop(self) -> None:
        """Kill everything."""
        self._processes.stop()

    def ended(self) -> dict[str, int]:
        """The programs that ended by themselves, with their exit codes."""
        return self._processes.ended()

    def _install(self, control_plane: ControlPlane, argocd_manifests: Path, access: argocd.Access) -> None:
        client = objects.connect(control_plane.admin_kubeconfig, self._state / "discovery.json")
        objects.apply(client, objects.load(_MANIFESTS / "node.yaml"))
        objects.apply(client, objects.load(_MANIFESTS / "istio.yaml"))
        argocd.install(client, argocd_manifests, access, pods=False)

    def _wait_for_node(self, control_plane: ControlPlane) -> None:
        client = objects.connect(control_plane.admin_kubeconfig, self._state / "discovery.json")
        for node in objects.load(_MANIFESTS / "node.yaml"):
            objects.wait_for_condition(client, node, "Ready")


def _folder(part: str) -> Path:
    found = cache.installed(next(one for one in CLUSTER if one.name == part))
    if found is None:
        raise TestbedError(f"{part} is not built: run `python -m testbed build`")
    return found
