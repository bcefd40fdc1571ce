"""Everything outside `eod`, and the ways to act in it: a repository on the stand-in for GitHub, and a cluster."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partialmethod
from pathlib import Path

import pytest
import yaml

from eod.cli import run
from eod.cluster.api import KubeApi
from eod.cluster.connect import connect
from eod.github.client import Client
from eod.terraform.running import is_alive, noted
from eod.terraform.workplace import Workplace
from standins.github import GitHub, RepositoryControl
from tests.cluster.clocks import RealClock

ROOT = Path(__file__).parents[1]
PREVIEW = ".github/workflows/preview.yml"
WORKFLOWS = {"schedule": ".github/workflows/sweep.yml"}
_A_JOBS_OWN = ("EOD_", "GITHUB_", "RUNNER_", "AWS_", "ARGOCD_", "KUBE", "TF_")
"""What a job is told; whatever the tests themselves were told of it is taken away."""


@dataclass
class Job:
    """One job of a workflow run: its checkout, its files and its variables. Each step runs once or more."""

    directory: Path
    environment: dict[str, str]
    over: Callable[[], None]
    """Has the workflow run end, as far as GitHub knows."""
    processes: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def run(self, step: str = "action") -> int:
        """Run a step within this process; its exit code."""
        with pytest.MonkeyPatch.context() as patch, _signals_restored():
            for name in [name for name in os.environ if name.startswith(_A_JOBS_OWN)]:
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            # GitHub asks for a second between writes, the stand-in does not, and a whole life writes dozens.
            patch.setattr(Client, "__init__", partialmethod(Client.__init__, seconds_between_writes=0.0))
            code = run([step])
        self.over()
        return code

    def start(self, step: str = "action") -> "subprocess.Popen[str]":
        """Run a step as the runner does: as a process, of which we are the parent. Its output is in `log`."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_A_JOBS_OWN)}
        with (self.directory / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "eod", step],
                env={**inherited, **self.environment, "PYTHONPATH": str(ROOT / "src")},
                cwd=self.directory / "checkout",
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.processes.append(process)
        return process

    def end(self) -> None:
        """What the runner does at a job's end: whatever was started in it is killed."""
        for process in self.processes:
            process.kill()
            process.wait()
        for path in self.state.glob("eod/terraform/*/running.json"):
            left = noted(Workplace(path.parent))
            if left is not None and is_alive(left):
                os.kill(left.pid, signal.SIGKILL)

    @property
    def log(self) -> str:
        """What the steps that were started as processes have said so far."""
        return (self.directory / "log").read_text()

    @property
    def summary(self) -> str:
        """The job summary."""
        return (self.directory / "summary").read_text()

    @property
    def outputs(self) -> dict[str, str]:
        """The step's outputs."""
        return read_outputs((self.directory / "output").read_text())

    @property
    def state(self) -> Path:
        """What the job keeps for its later steps."""
        return self.directory / "temp"


@dataclass
class World:
    """One repository as its people and its workflows see it.

    `environment` is what every job is told besides what GitHub tells: where cluster, AWS and Argo CD are.
    """

    github: GitHub
    repository: RepositoryControl
    directory: Path
    kubeconfig: Path
    config: str
    files: dict[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)

    def open(self, files, branch="change", **options):
        """Push `files` to a branch of their own and open a pull request; its number."""
        self.repository.push(branch, files, message="A change", base="main")
        return self.repository.open_pull(branch, title="A change", **options)

    def reconfigure(self, text):
        """Put another configuration on the base branch."""
        self.repository.push("main", {".github/eod.yml": text}, message="Configuration")

    def event(self, number, action, **inputs):
        """Run the action as a workflow run of that event would; its exit code."""
        return self.act("pull_request", self.repository.event_payload(number, action), **inputs)

    def sweep(self, **inputs):
        """Run the action as the schedule would; its exit code."""
        return self.act("schedule", self.repository.schedule_payload("17 * * * *"), command="sweep", **inputs)

    def act(self, event, payload, **inputs):
        """Run the action for any event; its exit code."""
        return self.job(event, payload, **inputs).run()

    def job_of(self, number, action, **inputs):
        """The job that a pull request's event starts, before its first step."""
        return self.job("pull_request", self.repository.event_payload(number, action), **inputs)

    def job(self, event, payload, **inputs):
        """The job that any event starts, before its first step."""
        directory = self.directory / f"job-{len(self.jobs) + 1}"
        (directory / "temp").mkdir(parents=True)
        for name in ("event.json", "output", "summary", "log"):
            (directory / name).write_text("")
        (directory / "event.json").write_text(json.dumps(payload))
        checkout = directory / "checkout"
        clone = ["git", "clone", "-q", "--template=", self.repository.clone_url_with(self.token), str(checkout)]
        subprocess.run(clone, check=True)
        run_id = self.repository.start_run(
            event, number=payload.get("number"), workflow=WORKFLOWS.get(event, PREVIEW)
        )
        environment = {
            "KUBECONFIG": str(self.kubeconfig),
            **self.environment,
            **self.repository.runner_environment(event, payload, run_id=run_id),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(directory / "event.json"),
            "GITHUB_WORKSPACE": str(checkout),
            "GITHUB_OUTPUT": str(directory / "output"),
            "GITHUB_STEP_SUMMARY": str(directory / "summary"),
            "RUNNER_TEMP": str(directory / "temp"),
            "EOD_GITHUB_TOKEN": self.token,
            **{f"EOD_{name.upper()}": value for name, value in inputs.items()},
        }
        job = Job(directory=directory, environment=environment, over=lambda: self.repository.finish_run(run_id))
        self.jobs.append(job)
        return job

    @property
    def outputs(self):
        """Of the last job."""
        return self.jobs[-1].outputs

    @property
    def summary(self):
        """Of the last job."""
        return self.jobs[-1].summary

    @property
    def token(self):
        """What GitHub gives to a job."""
        return self.github.installation_token(self.repository)

    def comment(self, number):
        """The body of the pull request's one comment."""
        (comment,) = self.repository.comments(number)
        return comment["body"]

    def another(self, owner, name):
        """The same world as another repository sees it."""
        return World(
            github=self.github,
            repository=self.github.create_repository(owner, name, write_files(self.directory / name, self.files)),
            directory=self.directory / f"{name}-jobs",
            kubeconfig=self.kubeconfig,
            config=self.config,
            files=self.files,
            environment=self.environment,
        )

    def kube(self, method, path, body=None, *, content_type="application/json"):
        """Ask the cluster as an administrator; what it answers."""
        return self.kube_answer(method, path, body, content_type=content_type)[1]

    def kube_answer(self, method, path, body=None, *, content_type="application/json"):
        """The same with the status."""
        with connect({"KUBECONFIG": str(self.kubeconfig)}) as client:
            api = KubeApi(client, RealClock())
            with closing(api):
                return api.request(method, path, body=body, content_type=content_type)

    def cluster_namespaces(self, prefix=""):
        """Names of the namespaces that begin so."""
        items = self.kube("GET", "/api/v1/namespaces")["items"]
        return [item["metadata"]["name"] for item in items if item["metadata"]["name"].startswith(prefix)]

    def make_namespace(self, name, labels):
        """Make somebody else's namespace."""
        metadata = {"name": name, "labels": labels}
        self.kube("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def record(self, name="pr-1"):
        """The record's text on the records branch, or nothing."""
        return self._git("show", f"eod/environments:environments/preview/{name}.yaml", check=False)

    def record_of(self, number):
        """The record as plain data; empty when there is none."""
        return yaml.safe_load(self.record(f"pr-{number}") or "{}")

    def history(self):
        """Subjects of the records branch, newest first."""
        return self._git("log", "--format=%s", "eod/environments").splitlines()

    def _git(self, *arguments, check=True):
        shown = subprocess.run(
            ["git", *arguments], cwd=self.repository.path, capture_output=True, text=True, check=check
        )
        return shown.stdout


def write_files(directory, files):
    """Write path → text below a directory; the directory."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return directory


def read_outputs(text: str) -> dict[str, str]:
    """What a step wrote to `GITHUB_OUTPUT`."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = []
        for part in lines:
            if part == delimiter:
                break
            value.append(part)
        found[name] = "\n".join(value)
    return found


@contextmanager
def _signals_restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
