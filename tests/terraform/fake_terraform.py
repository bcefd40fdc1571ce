"""Plays recorded answers in Terraform's place. `Fake` in `fake.py` copies it to where it is run as `terraform`."""

import json
import os
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    command = sys.argv[1]
    if command == "state":
        command = f"state {sys.argv[2]}"
    if sys.argv[1:] == ["show", "-json"] or sys.argv[-1].endswith(".tfstate"):
        command = f"{command} state" if command == "show" else command
    if "-no-color" in sys.argv:
        command = f"{command} text"
    signal.signal(signal.SIGINT, _take)
    signal.signal(signal.SIGTERM, _take)
    with (HERE / "calls.jsonl").open("a") as calls:
        call = {"command": command, "arguments": sys.argv[1:], "environ": dict(os.environ), "cwd": str(Path.cwd())}
        print(json.dumps({**call, "pid": os.getpid(), "group": os.getpgid(0)}), file=calls)
    play = _next_play(command)
    for path, content in play.get("files", {}).items():
        Path(path).write_text(content)
    for argument in sys.argv[1:]:
        if argument.startswith("-out="):
            Path(argument.removeprefix("-out=")).write_text("a plan")
    if command == "init" and not play.get("code"):
        _record_backend(play.get("backend", {}))
    os.write(1, play.get("stdout", "").encode())
    os.write(2, play.get("stderr", "").encode())
    if play.get("hold"):
        _hold()
        os.write(1, play.get("after", "").encode())
    if play.get("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    return int(play.get("code", 0))


def _next_play(command):
    plays = json.loads((HERE / "plays.json").read_text()).get(command, [{}])
    count = HERE / f"count-{command.replace(' ', '-')}"
    number = int(count.read_text()) if count.exists() else 0
    count.write_text(str(number + 1))
    return plays[min(number, len(plays) - 1)]


def _record_backend(instead):
    """Note the backend as Terraform does: the module's block, and over it what `-backend-config` says."""
    (given,) = [a.partition("=")[2] for a in sys.argv if a.startswith("-backend-config=")]
    terraform = json.loads(Path("main.tf.json").read_text()).get("terraform", {})
    (kind,) = terraform.get("backend", {"local": {}})
    backend = {"type": kind, "config": json.loads(Path(given).read_text()), **instead}
    data = Path(os.environ["TF_DATA_DIR"])
    data.mkdir(exist_ok=True)
    (data / "terraform.tfstate").write_text(json.dumps({"version": 3, "backend": backend}))


def _hold():
    """Stay until released or interrupted, and then until whoever looks has had a chance to send more signals."""
    (HERE / "holding").touch()
    for _ in range(2_000):
        if (HERE / "release").exists():
            return
        time.sleep(0.01)


def _take(number, _frame):
    with (HERE / "signals").open("a") as signals:
        print(signal.Signals(number).name, file=signals)


if __name__ == "__main__":
    sys.exit(main())
