import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from eod.errors import ApplyFailedError, PlanFailedError, StateLockedError, TerraformError, UnapprovedChangeError
from eod.model.plan import ResourceProgress
from eod.terraform import DrainEnd, drain
from eod.terraform.running import start_of
from standins.moto.locks import make_lock_table
from standins.moto.provider_mirror import cli_configuration, find_mirror
from standins.moto.server import moto_server
from tests.engines import LOCK, NAMED, found
from tests.live.terraform_driver import RealClock, runner

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]

BINARIES = ("terraform",) if NAMED else ("terraform", "tofu")
REPOSITORY = Path(__file__).parents[2]

SLOW = """
resource "terraform_data" "quick" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    command = "sleep SECONDS"
  }
}
resource "terraform_data" "after" {
  depends_on = [terraform_data.slow]
}
"""
BACKEND = 'terraform {\n  backend "KIND" {}\n}\n'


@pytest.fixture(params=BINARIES)
def binary(request):
    return found(request.param)


@pytest.fixture
def environ(tmp_path):
    configuration = tmp_path / "cli.tfrc"
    configuration.write_text(cli_configuration(find_mirror()) or "")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return {**kept, "TF_CLI_CONFIG_FILE": str(configuration)}


class Place:
    """A root module, its state on this machine, and runners for it."""

    def __init__(self, directory: Path, binary: str, environ: dict[str, str]) -> None:
        self.directory, self.binary, self.environ = directory, binary, environ
        self.root = directory / "module"
        self.root.mkdir()
        self.backend = {"key": f"{directory}/pr-1.tfstate"}
        self.said: list[str] = []
        self.hidden: list[str] = []
        self.drivers: list[subprocess.Popen[str]] = []

    def module(self, text: str, kind: str = "local") -> None:
        (self.root / "main.tf").write_text(BACKEND.replace("KIND", kind) + text)

    def workspace(self, *, steps="steps", variables=None, tags=None, **settings):
        made = runner(
            self.binary,
            self.directory / steps,
            self.environ,
            say=self.said.append,
            hide=self.hidden.extend,
            allow_local_state=True,
            **settings,
        )
        return made.workspace(
            environment="pr-1",
            root=self.root,
            commit="abc",
            backend=self.backend,
            variables=variables or {},
            tags=tags or {},
        )

    def state(self):
        return json.loads((self.directory / "pr-1.tfstate").read_text())

    def addresses(self):
        return {f"{r['type']}.{r['name']}" for r in self.state()["resources"] if r["instances"]}

    def driver(self):
        given = {
            "binary": self.binary,
            "state_directory": str(self.directory / "steps"),
            "root": str(self.root),
            "backend": self.backend,
        }
        driver = subprocess.Popen(
            [sys.executable, "-m", "tests.live.terraform_driver", json.dumps(given)],
            cwd=REPOSITORY,
            env={**self.environ, "PYTHONPATH": f"{REPOSITORY}/src"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.drivers.append(driver)
        return driver

    def running(self):
        return json.loads((self.directory / "steps" / "pr-1" / "running.json").read_text())

    def drain(self, **more):
        from eod.interrupts import Interrupts

        return drain(self.directory / "steps", clock=RealClock(Interrupts()), **more)

    def stream(self):
        return (self.directory / "steps" / "pr-1" / "stream.jsonl").read_text()


@pytest.fixture
def place(tmp_path, binary, environ):
    made = Place(tmp_path, binary, environ)
    yield made
    for driver in made.drivers:
        driver.kill()
        driver.wait()
        if driver.stdout is not None:
            driver.stdout.close()
    made.drain(interrupt_after_seconds=0, patience_seconds=20)


def nothing(_progress):
    pass


def told(driver, what, text=""):
    """Read what the driver says until it says this; everything said until then."""
    said = []
    for line in driver.stdout:
        said.append(json.loads(line))
        if said[-1][0] == what and text in said[-1][1]:
            return said
    raise AssertionError(f"the driver never said {what}: {said}")


def until(condition, seconds=30):
    for _ in range(seconds * 50):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


class StateServer:
    """An http backend. What it is told to do to a write, it does."""

    def __init__(self) -> None:
        outer = self
        self.state = b""
        self.lock = b""
        self.refuse = 0
        self.delay = 0.0
        self.writing = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def answer(self, code, body=b""):
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def body(self):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def do_GET(self):
                self.answer(200 if outer.state else 404, outer.state)

            def do_POST(self):
                body = self.body()
                outer.writing.set()
                time.sleep(outer.delay)
                if outer.refuse > 0:
                    outer.refuse -= 1
                    self.answer(403)
                    return
                outer.state = body
                self.answer(200)

            def do_LOCK(self):
                body = self.body()
                if outer.lock:
                    self.answer(423, outer.lock)
                    return
                outer.lock = body
                self.answer(200)

            def do_UNLOCK(self):
                self.body()
                outer.lock = b""
                self.answer(200)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        address = f"http://127.0.0.1:{self.server.server_port}/pr-1"
        self.backend = {"address": address, "lock_address": address, "unlock_address": address, "retry_max": "0"}

    def addresses(self):
        return {r["name"] for r in json.loads(self.state)["resources"]}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def states():
    server = StateServer()
    yield server
    server.close()


def test_the_whole_life(place):
    place.module(
        'variable "n" {}\nvariable "secret" {\n  default   = "hush"\n  sensitive = true\n}\n'
        'resource "terraform_data" "a" {\n  input = var.n\n}\n'
        'resource "terraform_data" "b" {\n  input = var.secret\n}\n'
        'output "n" {\n  value = terraform_data.a.output\n}\n'
        'output "s" {\n  value     = var.secret\n  sensitive = true\n}\n'
    )
    workspace = place.workspace(variables={"n": 7, "other": 1})
    plan = workspace.plan()
    assert plan.summary.line == "2 to add, 0 to change, 0 to destroy"
    assert "terraform_data.a will be created" in plan.text
    assert "hush" not in plan.text
    seen: list[ResourceProgress] = []
    result = workspace.apply(plan, seen.append)
    assert (result.added, result.outputs) == (2, {"n": 7})
    assert {(p.address, p.state) for p in seen} >= {
        ("terraform_data.a", "started"),
        ("terraform_data.a", "complete"),
    }
    assert workspace.plan().summary.empty

    changed = place.workspace(variables={"n": 8})
    second = changed.plan()
    assert second.summary.line == "0 to add, 1 to change, 0 to destroy"
    assert changed.apply(second, nothing).changed == 1

    assert changed.destroy(nothing).destroyed == 2
    assert place.addresses() == set()
    assert changed.destroy(nothing).destroyed == 0
    assert "state is empty" in place.said[-1]


def test_outputs_alone_are_applied_and_then_nothing_is_left(place):
    module = 'resource "terraform_data" "a" {\n  input = 1\n}\noutput "url" {\n  value = "URL"\n}\n'
    place.module(module)
    workspace = place.workspace()
    workspace.apply(workspace.plan(), nothing)
    assert workspace.plan().summary.empty
    place.module(module.replace("URL", "https://new"))
    plan = workspace.plan()
    assert plan.summary.line == "outputs change only: url"
    assert workspace.apply(plan, nothing).outputs == {"url": "https://new"}
    assert place.state()["outputs"]["url"]["value"] == "https://new"
    assert workspace.plan().summary.empty


def test_what_is_sensitive_is_known_before_a_plan_is_shown_and_before_a_failure_is_told(place):
    quoting = '  provisioner "local-exec" {\n    command = "echo ${nonsensitive(SECRET)}; exit 3"\n  }\n'
    place.module(
        'variable "pw" {\n  default   = "s3cr3t-variable"\n  sensitive = true\n}\n'
        'resource "terraform_data" "made" {\n  input = sensitive(uuid())\n}\n'
        'resource "terraform_data" "planned" {\n'
        '  input = { deep = [sensitive("s3cr3t-nested"), 1] }\n'
        + quoting.replace("SECRET", "var.pw")
        + '}\nresource "terraform_data" "quoting" {\n  input = terraform_data.made.id\n'
        + quoting.replace("SECRET", "terraform_data.made.input")
        + "}\n"
    )
    workspace = place.workspace()
    plan = workspace.plan()
    assert {"s3cr3t-variable", "s3cr3t-nested"} <= set(place.hidden)
    hidden_when_told: list[set[str]] = []

    def on_progress(progress):
        if progress.message:
            hidden_when_told.append(set(place.hidden))

    with pytest.raises(ApplyFailedError) as failed:
        workspace.apply(plan, on_progress)
    made = next(r for r in place.state()["resources"] if r["name"] == "made")["instances"][0]["attributes"]
    secret = made["input"]["value"] if isinstance(made["input"], dict) else made["input"]
    assert secret not in str(failed.value)
    assert "***" in failed.value.detail
    assert hidden_when_told
    assert all(secret in hidden for hidden in hidden_when_told)


def test_a_state_that_never_was_is_destroyed_at_once(place):
    place.module(SLOW)
    assert place.workspace().destroy(nothing).destroyed == 0


def test_what_is_wrong_is_told_with_its_place(place):
    place.module('resource "terraform_data" "a" {\n  inptu = 1\n}\n')
    with pytest.raises(PlanFailedError) as failed:
        place.workspace().plan()
    assert failed.value.where == "main.tf:5"
    place.module('resource "terraform_data" "a" {\n')
    with pytest.raises(TerraformError, match="could not be initialised") as unparsed:
        place.workspace().plan()
    assert unparsed.value.where == "main.tf:4"


def test_a_failed_apply_is_counted_and_told(place):
    place.module(SLOW.replace("sleep SECONDS", "echo no; exit 3"))
    workspace = place.workspace()
    with pytest.raises(ApplyFailedError, match="1 added, 0 changed, 0 destroyed, 1 failed") as failed:
        workspace.apply(workspace.plan(), nothing)
    assert "exit status 3" in failed.value.detail
    assert place.addresses() == {"terraform_data.quick", "terraform_data.slow"}


def test_a_stale_plan_is_made_anew_and_only_what_was_approved_is_done(place):
    place.module(SLOW.replace("SECONDS", "0"))
    workspace = place.workspace()
    plan = workspace.plan()
    other = place.workspace(steps="other")
    other.apply(other.plan(), nothing)
    result = workspace.apply(plan, nothing)
    assert (result.attempts, result.added) == (2, 0)
    assert "stale-plan" in result.retried[0]

    plan = workspace.plan()
    other.destroy(nothing)
    with pytest.raises(UnapprovedChangeError, match="not approved") as refused:
        workspace.apply(plan, nothing)
    assert "terraform_data.quick: create" in refused.value.detail
    assert place.addresses() == set()


def test_a_lock_is_told_with_its_holder(place):
    place.module(SLOW.replace("SECONDS", "30"))
    driver = place.driver()
    told(driver, "started", "slow")
    with pytest.raises(StateLockedError, match="for apply since 20") as locked:
        place.workspace(steps="other", lock_timeout_seconds=1).plan()
    assert "force-unlock" in locked.value.fix


def test_of_many_signals_terraform_gets_one_and_its_state_is_kept(place, states):
    # The state takes its time to be written. A second signal meanwhile would make Terraform leave it unwritten.
    place.module(SLOW.replace("SECONDS", "30"), "http")
    place.backend = states.backend
    driver = place.driver()
    told(driver, "started", "slow")
    states.delay = 2.0
    states.writing.clear()
    driver.send_signal(signal.SIGINT)
    assert states.writing.wait(20)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        driver.send_signal(number)
        time.sleep(0.1)
    said = told(driver, "error")
    assert said[-1][1].startswith("CancelledError: Terraform apply was stopped: 1 added")
    assert driver.wait(30) == 130
    assert states.addresses() == {"quick", "slow"}
    assert states.lock == b""
    assert place.stream().count("Interrupt received") == 1
    assert "Two interrupts" not in place.stream()
    (report,) = place.drain()
    assert report.end is DrainEnd.STOPPED
    assert report.account.completed == ("terraform_data.quick",)


def test_when_we_are_killed_terraform_goes_on_and_the_drain_step_waits(place):
    place.module(SLOW.replace("SECONDS", "3"))
    driver = place.driver()
    told(driver, "started", "slow")
    pid = place.running()["pid"]
    driver.kill()
    driver.wait()
    assert start_of(pid)
    (report,) = place.drain()
    assert report.end is DrainEnd.SUCCEEDED
    assert report.account.added == 3
    assert report.waited_seconds > 0
    assert start_of(pid) == ""
    assert place.addresses() == {"terraform_data.quick", "terraform_data.slow", "terraform_data.after"}
    assert place.workspace().plan().summary.empty


def test_when_we_are_killed_and_it_takes_too_long_it_is_ended_gracefully(place):
    place.module(SLOW.replace("SECONDS", "60"))
    driver = place.driver()
    told(driver, "started", "slow")
    driver.kill()
    driver.wait()
    (report,) = place.drain(interrupt_after_seconds=1)
    assert report.end is DrainEnd.STOPPED
    assert place.addresses() == {"terraform_data.quick", "terraform_data.slow"}
    again = place.workspace()
    place.module(SLOW.replace("SECONDS", "0"))
    plan = again.plan()
    assert plan.summary.replaces == 1
    assert again.apply(plan, nothing).added == 2
    assert again.destroy(nothing).destroyed == 3


def test_when_terraform_is_killed_too_it_is_said_that_something_may_be_lost(place):
    place.module(SLOW.replace("SECONDS", "30"))
    driver = place.driver()
    told(driver, "started", "slow")
    pid = place.running()["pid"]
    driver.kill()
    driver.wait()
    os.kill(pid, signal.SIGKILL)
    until(lambda: start_of(pid) == "")
    (report,) = place.drain()
    assert report.end is DrainEnd.LOST
    assert report.account.running == ("terraform_data.slow",)


def test_a_state_that_could_not_be_saved_is_saved_and_nothing_is_lost(place, states):
    place.module(SLOW.replace("SECONDS", "0"), "http")
    place.backend = states.backend
    workspace = place.workspace()
    plan = workspace.plan()
    states.refuse = 1
    result = workspace.apply(plan, nothing)
    assert result.attempts == 2
    assert "The state is saved." in place.said
    assert states.addresses() == {"quick", "slow", "after"}
    assert not (place.root / "errored.tfstate").exists()


def test_a_state_that_could_not_be_saved_waits_for_the_next_run(place, states):
    place.module(SLOW.replace("SECONDS", "0"), "http")
    place.backend = states.backend
    workspace = place.workspace()
    plan = workspace.plan()
    states.refuse = 100
    with pytest.raises(ApplyFailedError, match="3 added") as failed:
        workspace.apply(plan, nothing)
    assert "could not write the state" in failed.value.why
    states.refuse = 0
    assert place.workspace().plan().summary.empty
    assert states.addresses() == {"quick", "slow", "after"}


AWS = """
terraform {
  required_providers {
    aws = {
      source = "registry.terraform.io/hashicorp/aws"
    }
  }
}
provider "aws" {}
resource "aws_sns_topic" "t" {
  name = "pr-1"
}
resource "aws_s3_bucket" "b" {
  bucket        = "bucket-pr-1"
  force_destroy = true
}
"""


def test_with_the_real_provider_the_tags_are_part_of_the_plan(place):
    tags = {"environment.on-demand/name": "pr-1", "environment.on-demand/owner": "me@here"}
    place.module(AWS, "s3")
    place.backend = {
        "key": "eod/pr-1.tfstate",
        "bucket": "states",
        **{name: str(value).lower() for name, value in LOCK.items()},
        "region": "eu-central-1",
    }
    with moto_server() as moto:
        place.environ = {**place.environ, **moto.environment()}
        make_lock_table(moto.client("dynamodb"))
        moto.client("s3").create_bucket(
            Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        workspace = place.workspace(tags=tags)
        plan = workspace.plan()
        assert plan.summary.adds == 2
        assert [b.kind for b in plan.summary.blocking] == ["queue"]
        result = workspace.apply(plan, nothing)
        assert result.added == 2
        topics = moto.client("sns")
        (topic,) = topics.list_topics()["Topics"]
        listed = topics.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in listed} == tags
        assert place.workspace(tags=tags).plan().summary.empty
        assert place.workspace().plan().summary.changes == 2
        assert workspace.destroy(nothing).destroyed == 2
        assert topics.list_topics()["Topics"] == []
