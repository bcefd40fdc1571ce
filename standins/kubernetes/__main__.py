"""Runs an embedded cluster until it is told to stop, or its parent is gone.

    python -m standins.kubernetes [--directory DIR] [--port N] [--load-balancer-port N] [--no-argocd] ...

Prints one line of JSON when it is ready: `kubeconfig`, `url`, `load_balancer_port`, `argocd_namespace`.
"""

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from standins.kubernetes.cluster import embedded_cluster


def main() -> None:
    """Parse the command line, run, and leave nothing behind."""
    options = _arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    with embedded_cluster(
        argocd=not options.no_argocd,
        directory=options.directory,
        port=options.port,
        load_balancer_port=options.load_balancer_port,
        pods_ready_after=options.pods_ready_after,
        load_balancers_released_after=options.load_balancers_released_after,
        argocd_namespace=options.argocd_namespace,
    ) as cluster:
        ready = {
            "kubeconfig": str(cluster.kubeconfig),
            "url": cluster.url,
            "load_balancer_port": cluster.load_balancer_port,
            "argocd_namespace": cluster.argocd_namespace,
        }
        print(json.dumps(ready), flush=True)
        while not stop.wait(0.5):
            if os.getppid() != parent:
                break


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m standins.kubernetes", description=__doc__.splitlines()[0])
    parser.add_argument("--directory", type=Path, help="where kubeconfig and clones go (default: temporary)")
    parser.add_argument("--port", type=int, default=0, help="port of the API (default: any free one)")
    parser.add_argument("--load-balancer-port", type=int, default=0, help="port of the load balancer")
    parser.add_argument("--pods-ready-after", type=float, default=0.1, help="seconds until a pod is ready")
    parser.add_argument(
        "--load-balancers-released-after", type=float, default=0.0, help="seconds until a load balancer is gone"
    )
    parser.add_argument("--argocd-namespace", default="argocd", help="namespace of the Applications")
    parser.add_argument("--no-argocd", action="store_true", help="only Kubernetes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
