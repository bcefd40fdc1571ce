"""A repository on the stand-in for GitHub, the embedded cluster, and `eod` run against both."""

import os
import signal
import threading
from pathlib import Path

import pytest

from standins.github import server
from standins.kubernetes import embedded_cluster
from tests.world import World, write_files

CONFIG = """\
domain: preview.example.com
argocd:
  hold-seconds: 0.2
  timeout-minutes: 3
  source:
    kustomize:
      patches:
        - target: {kind: Ingress, name: shop}
          patch: |-
            - {op: replace, path: /spec/rules/0/host, value: "{hostname}"}
readiness:
  timeout-minutes: 3
"""
MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: example.com/shop:1
          resources: {limits: {cpu: 100m, memory: 64Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - host: replaced.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
"""
FILES = {
    ".github/eod.yml": CONFIG,
    "deploy/kustomization.yaml": "resources: [shop.yaml]\n",
    "deploy/shop.yaml": MANIFESTS,
    "app/shop.py": "GREETING = 'Helo'\n",
    "docs/index.md": "# Shop\n",
}


@pytest.fixture
def world(tmp_path):
    source = write_files(tmp_path / "source", FILES)
    with server(tmp_path / "github") as github, embedded_cluster(directory=tmp_path / "cluster") as cluster:
        yield World(
            github=github,
            repository=github.create_repository("acme", "shop", source),
            directory=tmp_path,
            kubeconfig=Path(cluster.kubeconfig),
            config=CONFIG,
            files=FILES,
        )


@pytest.fixture
def cancelled():
    """Cancels the rooms' run, as the runner does."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def cancel(rooms):
        if threading.current_thread() is threading.main_thread():
            rooms.signals.install()
        os.kill(os.getpid(), signal.SIGINT)

    yield cancel
    for number, handler in before.items():
        signal.signal(number, handler)
