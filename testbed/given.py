"""The cluster that somebody points us at, with Argo CD already in it."""

import os
from pathlib import Path

from testbed.choice import KUBECONFIG_VARIABLE
from testbed.errors import TestbedError
from testbed.handle import Testbed


def testbed(state: Path) -> Testbed:
    """Describe the given cluster, from `EOD_LIVE_*` variables.

    `EOD_LIVE_KUBECONFIG`, `EOD_LIVE_ARGOCD_SERVER` (with its scheme) and `EOD_LIVE_ARGOCD_AUTH_TOKEN` must be
    set. Where Argo CD cannot read this machine's files, `EOD_LIVE_GIT_DIR` names a folder and
    `EOD_LIVE_GIT_URL` the URL under which Argo CD sees it. `EOD_LIVE_HOST_ADDRESS` is this machine's address
    as the cluster sees it, `EOD_LIVE_LOAD_BALANCER_PORT` the port at which Ingresses answer (80).

    Raises:
        TestbedError: A variable is missing, or the kubeconfig.
    """
    kubeconfig = Path(_must(KUBECONFIG_VARIABLE)).expanduser().absolute()
    if not kubeconfig.is_file():
        raise TestbedError(f"{KUBECONFIG_VARIABLE}: there is no file {kubeconfig}")
    repositories = os.environ.get("EOD_LIVE_GIT_DIR", str(state / "git"))
    Path(repositories).mkdir(parents=True, exist_ok=True)
    return Testbed(
        kubeconfig=str(kubeconfig),
        argocd_server=_must("EOD_LIVE_ARGOCD_SERVER"),
        argocd_auth_token=_must("EOD_LIVE_ARGOCD_AUTH_TOKEN"),
        argocd_namespace=os.environ.get("EOD_LIVE_ARGOCD_NAMESPACE", "argocd"),
        state_dir=str(state),
        load_balancer_port=int(os.environ.get("EOD_LIVE_LOAD_BALANCER_PORT", "80")),
        host_address=os.environ.get("EOD_LIVE_HOST_ADDRESS", "127.0.0.1"),
        git_dir=repositories,
        git_url=os.environ.get("EOD_LIVE_GIT_URL", f"file://{repositories}"),
    )


def _must(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise TestbedError(f"{name} is not set, and the given cluster cannot be used without it")
    return value
