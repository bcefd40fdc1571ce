"""A `terraform` that plays recorded answers, what it may play, a root module, and a runner that uses them all."""

import ast
import json
import marshal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eod.interrupts import Interrupts
from eod.model.cloud import Item
from eod.model.plan import ResourceProgress
from eod.terraform import Settings, TerraformRunner
from eod.terraform.workspace import EnvironmentWorkspace
from tests.terraform.support import HERE, FakeClock, document, stream

MODULE = {"terraform": {"backend": {"s3": {}}}, "variable": {"pr_number": {}, "secret": {"default": ""}}}
BACKEND = {"key": "eod/acme/shop/pr-12.tfstate", "bucket": "states"}
TAGS = {"environment.on-demand/name": "pr-12"}
STATE = json.dumps({"version": 4, "resources": [{"mode": "managed", "type": "x"}]})
EMPTY_STATE = json.dumps({"version": 4, "resources": [{"mode": "data", "type": "x"}]})
STRAY = Item(kind="sqs queue", id="arn:aws:sqs:eu-central-1:123456789012:pr-12-jobs")
"""Of this environment, and in no state."""


def play(name: str = "", *, code: int = 0, **more: object) -> dict[str, object]:
    """An answer: a recorded stream, an exit code, and what else should happen."""
    return {"stdout": stream(name).decode() if name else "", "code": code, **more}


LOCKED = play("plan_locked", code=1)
LOCK_ID = "b7f82b0b-38f0-1b6b-f3d9-d30e729ed111"
LOCKED_AT = datetime(2026, 11, 23, 12, 9, 16, tzinfo=UTC)
"""The time of the lock in `plan_locked`, which runner@host holds."""


def lock_message() -> str:
    """What Terraform says of the lock in `plan_locked`."""
    return str(json.loads(str(LOCKED["stdout"]).splitlines()[-1])["diagnostic"]["detail"])


def lock_complaint() -> str:
    """The same, as a command says it that prints for people: framed, and in colours wherever it prints to."""
    red, plain = "\x1b[31m", "\x1b[0m"
    lines = (f"{red}│{plain} {plain}{plain}{line}" for line in lock_message().splitlines())
    head = f"{red}│{plain} {plain}\x1b[1m{red}Error: {plain}{plain}\x1b[1mError acquiring the state lock{plain}"
    return "\n".join([f"{red}{red}╷{plain}{plain}", head, *lines, f"{red}╵{plain}{plain}"])


GOOD: dict[str, list[dict[str, object]]] = {
    "version": [{"stdout": "Terraform v1.11.4\non linux_amd64\n"}],
    "init": [play("init_ok")],
    "plan": [play("plan_ok", code=2)],
    "show": [{"stdout": document("plan_small").decode()}],
    "show text": [{"stdout": "Terraform will perform the following actions:\n" + "  + one\n" * 50}],
    "apply": [play("apply_ok")],
    "state pull": [{"stdout": STATE}, {"stdout": EMPTY_STATE}],
    "state push": [{}],
}


class Fake:
    """Everything in one temporary directory."""

    def __init__(self, directory: Path, *, version: str = "") -> None:
        self.directory = directory
        self.root = directory / "infra"
        self.root.mkdir()
        (self.root / "main.tf.json").write_text(json.dumps(MODULE))
        self.state = directory / "state"
        self.binary = directory / "terraform"
        # No shell script: a shell takes variables away whose names are not a shell's, as those of our tags are.
        self.binary.write_text(f"#!{sys.executable} -IS\n{(HERE / 'fake_terraform.py').read_text()}")
        self.binary.chmod(0o755)
        self.interrupts = Interrupts()
        self.clock = FakeClock(self.interrupts)
        self.said: list[str] = []
        self.plays(version=[{"stdout": version}] if version else GOOD["version"])

    def plays(self, **changed: list[dict[str, object]]) -> None:
        plays = {**GOOD, **{name.replace("_", " "): answers for name, answers in changed.items()}}
        (self.directory / "plays").write_bytes(marshal.dumps(plays))

    def runner(self, **settings: object) -> TerraformRunner:
        return TerraformRunner(
            settings=Settings(binary=str(self.binary), **settings),  # type: ignore[arg-type] # named by the test
            interrupts=self.interrupts,
            environ={"PATH": "/usr/bin:/bin", "GITHUB_ENV": "/runner/env"},
            state_directory=self.state,
            say=self.said.append,
            clock=self.clock,
        )

    def workspace(self, environment: str = "pr-12", **settings: object) -> EnvironmentWorkspace:
        return self.runner(**settings).workspace(
            environment=environment,
            root=self.root,
            commit="abc123",
            backend={**BACKEND, "key": BACKEND["key"].replace("pr-12", environment)},
            variables={"pr_number": 12, "secret": "hush", "undeclared": True},
            tags=TAGS,
            directory="infra",
        )

    def bare_workspace(self, runner: TerraformRunner | None = None, **more: Any) -> EnvironmentWorkspace:
        """One without variables and tags, and with what `more` hands in."""
        return (runner or self.runner()).workspace(
            environment="pr-12",
            root=self.root,
            commit="abc123",
            backend={"key": "pr-12"},
            variables={},
            tags={},
            **more,
        )

    @property
    def place(self) -> Path:
        return self.state / "pr-12"

    def calls(self, command: str = "") -> list[dict[str, Any]]:
        """What was called, in order; `version` aside."""
        path = self.directory / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        calls = [ast.literal_eval(line) for line in lines]
        return [c for c in calls if c["command"] != "version" and command in {"", c["command"]}]

    def commands(self) -> list[str]:
        return [str(call["command"]) for call in self.calls()]

    def signals(self) -> list[str]:
        path = self.directory / "signals"
        return path.read_text().split() if path.exists() else []

    @property
    def holding(self) -> Path:
        return self.directory / "holding"

    def release(self) -> None:
        (self.directory / "release").touch()


def nothing(_progress: ResourceProgress) -> None:
    """A listener to whom progress is nothing."""


def failing(text: str, address: str = "") -> dict[str, object]:
    """An apply that fails with one diagnostic, after one resource was created."""
    created = stream("apply_ok").decode().splitlines()[:9]
    diagnostic = {"severity": "error", "summary": text, "address": address}
    return {
        "stdout": "\n".join([*created, json.dumps({"type": "diagnostic", "diagnostic": diagnostic})]) + "\n",
        "code": 1,
    }


def outputs_only(**outputs: str | None) -> dict[str, Any]:
    """A plan that changes these outputs and nothing else; `None` is known only after the apply."""
    plan: dict[str, Any] = json.loads(document("plan_small"))
    plan["resource_changes"] = []
    plan["output_changes"] = {
        name: {"actions": ["update"], "before": "old", "after": value, "after_unknown": value is None}
        for name, value in outputs.items()
    }
    return plan


def unsaved_by_a_killed_run(fake: Fake, root: Path | None = None) -> None:
    """What is left when we are killed and Terraform then cannot save its state."""
    root = root or fake.root
    claim = {"pid": 1, "start": "0", "environment": "pr-12", "operation": "apply", "binary": "x"}
    claim |= {"root": str(root), "started_at": "2026-11-23T12:00:00Z"}
    fake.place.mkdir(parents=True)
    (fake.place / "running.json").write_text(json.dumps(claim))
    (root / "errored.tfstate").write_text("{}")
