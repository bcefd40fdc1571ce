"""A repository on the stand-in for GitHub, the embedded cluster, and `eod` run against both."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from eod.cli import run
from standins.github import server
from standins.kubernetes import embedded_cluster

CONFIG = """\
domain: preview.example.com
argocd:
  hold-seconds: 0.2
  timeout-minutes: 0.5
  source:
    kustomize:
      patches:
        - target: {kind: Ingress, name: shop}
          patch: |-
            - {op: replace, path: /spec/rules/0/host, value: "{hostname}"}
readiness:
  timeout-minutes: 0.5
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


@dataclass
class World:
    """Everything outside, and the ways to act in it."""

    github: object
    repository: object
    cluster: object
    directory: Path
    monkeypatch: pytest.MonkeyPatch
    kubeconfig: Path | None = None
    config: str = CONFIG
    files: dict = field(default_factory=lambda: FILES)
    runs: int = 0
    outputs: dict = field(default_factory=dict)
    summary: str = ""

    def open(self, files, branch="change", **options):
        self.repository.push(branch, files, message="A change", base="main")
        return self.repository.open_pull(branch, title="A change", **options)

    def event(self, number, action, **inputs):
        """Run the action as a workflow run of that event would; its exit code."""
        return self.act("pull_request", self.repository.event_payload(number, action), **inputs)

    def sweep(self, **inputs):
        return self.act("schedule", self.repository.schedule_payload("17 * * * *"), command="sweep", **inputs)

    def act(self, event, payload, **inputs):
        self.runs += 1
        job = self.directory / f"job-{self.runs}"
        (job / "temp").mkdir(parents=True)
        for name in ("event.json", "output", "summary"):
            (job / name).write_text("")
        (job / "event.json").write_text(json.dumps(payload))
        subprocess.run(
            ["git", "clone", "-q", self.repository.clone_url_with(self.token), job / "checkout"], check=True
        )
        environment = {
            **self.repository.runner_environment(event, payload),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(job / "event.json"),
            "GITHUB_WORKSPACE": str(job / "checkout"),
            "GITHUB_OUTPUT": str(job / "output"),
            "GITHUB_STEP_SUMMARY": str(job / "summary"),
            "RUNNER_TEMP": str(job / "temp"),
            "KUBECONFIG": str(self.kubeconfig),
            "EOD_GITHUB_TOKEN": self.token,
            **{f"EOD_{name.upper()}": value for name, value in inputs.items()},
        }
        for name in list(os.environ):
            if name.startswith(("EOD_", "GITHUB_")):
                self.monkeypatch.delenv(name)
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)
        code = run(["action"])
        self.summary = (job / "summary").read_text()
        self.outputs = read_outputs((job / "output").read_text())
        return code

    @property
    def token(self):
        return self.github.installation_token(self.repository)

    def another(self, owner, name):
        """The same world as another repository sees it."""
        return World(
            github=self.github,
            repository=self.github.create_repository(owner, name, self.directory / "source"),
            cluster=self.cluster,
            directory=self.directory / name,
            monkeypatch=self.monkeypatch,
            kubeconfig=self.kubeconfig,
        )

    def kube(self, method, path, body=None):
        from eod.cluster.api import KubeApi
        from eod.cluster.connect import connect
        from tests.lifecycle.clock import WallClock

        api = KubeApi(connect({"KUBECONFIG": str(self.cluster.kubeconfig)}), WallClock())
        return api.request(method, path, body=body)[1]

    def cluster_namespaces(self, prefix=""):
        items = self.kube("GET", "/api/v1/namespaces")["items"]
        return [item["metadata"]["name"] for item in items if item["metadata"]["name"].startswith(prefix)]

    def make_namespace(self, name, labels):
        metadata = {"name": name, "labels": labels}
        self.kube("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def record(self, name="pr-1"):
        """The record's text on the records branch, or nothing."""
        shown = subprocess.run(
            ["git", "show", f"eod/environments:environments/preview/{name}.yaml"],
            cwd=self.repository.path,
            capture_output=True,
            text=True,
            check=False,
        )
        return shown.stdout

    def history(self):
        """Subjects of the records branch, newest first."""
        shown = subprocess.run(
            ["git", "log", "--format=%s", "eod/environments"],
            cwd=self.repository.path,
            capture_output=True,
            text=True,
            check=True,
        )
        return shown.stdout.splitlines()


def read_outputs(text):
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = []
        for part in lines:
            if part == delimiter:
                break
            value.append(part)
        found[name] = "\n".join(value)
    return found


@pytest.fixture
def world(tmp_path, monkeypatch):
    import signal

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    source = tmp_path / "source"
    for name, text in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    with server(tmp_path / "github") as github, embedded_cluster(directory=tmp_path / "cluster") as cluster:
        repository = github.create_repository("acme", "shop", source)
        yield World(
            github=github,
            repository=repository,
            cluster=cluster,
            directory=tmp_path,
            monkeypatch=monkeypatch,
            kubeconfig=Path(cluster.kubeconfig),
        )
    for number, handler in before.items():
        signal.signal(number, handler)
