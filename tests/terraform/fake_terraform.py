"""Plays recorded answers in Terraform's place. `Fake` in `fake.py` copies it to where it is run as `terraform`.

It is started thousands of times, so it imports what is built into the interpreter, and little else: `pathlib`
alone would double what a start costs.
"""

import _signal  # type: ignore[import-not-found]  # what `signal` wraps in enums
import marshal
import os
import sys
import time

HERE = os.path.dirname(__file__)
NAMES = {_signal.SIGINT: "SIGINT", _signal.SIGTERM: "SIGTERM"}


def main():
    command = sys.argv[1]
    if command == "state":
        command = f"state {sys.argv[2]}"
    if sys.argv[1:] == ["show", "-json"] or sys.argv[-1].endswith(".tfstate"):
        command = f"{command} state" if command == "show" else command
    if "-no-color" in sys.argv:
        command = f"{command} text"
    _signal.signal(_signal.SIGINT, _take)
    _signal.signal(_signal.SIGTERM, _take)
    with open(_own("calls"), "a") as calls:
        call = {"command": command, "arguments": sys.argv[1:], "environ": dict(os.environ), "cwd": os.getcwd()}
        print(repr({**call, "pid": os.getpid(), "group": os.getpgid(0)}), file=calls)
    play = _next_play(command)
    for path, content in play.get("files", {}).items():
        _write(path, content)
    for argument in sys.argv[1:]:
        if argument.startswith("-out="):
            _write(argument.removeprefix("-out="), "a plan")
    if command == "init" and not play.get("code"):
        _record_backend(play.get("backend", {}))
    os.write(1, play.get("stdout", "").encode())
    os.write(2, play.get("stderr", "").encode())
    if play.get("hold"):
        _hold()
        os.write(1, play.get("after", "").encode())
    if play.get("kill"):
        os.kill(os.getpid(), _signal.SIGKILL)
    return int(play.get("code", 0))


def _next_play(command):
    with open(_own("plays"), "rb") as file:
        plays = marshal.load(file).get(command, [{}])
    count = _own(f"count-{command.replace(' ', '-')}")
    number = int(_read(count)) if os.path.exists(count) else 0
    _write(count, str(number + 1))
    return plays[min(number, len(plays) - 1)]


def _record_backend(instead):
    """Note the backend as Terraform does: the module's block, and over it what `-backend-config` says."""
    import json

    (given,) = [a.partition("=")[2] for a in sys.argv if a.startswith("-backend-config=")]
    terraform = json.loads(_read("main.tf.json")).get("terraform", {})
    (kind,) = terraform.get("backend", {"local": {}})
    backend = {"type": kind, "config": json.loads(_read(given)), **instead}
    data = os.environ["TF_DATA_DIR"]
    os.makedirs(data, exist_ok=True)
    _write(os.path.join(data, "terraform.tfstate"), json.dumps({"version": 3, "backend": backend}))


def _hold():
    """Stay until released or interrupted, and then until whoever looks has had a chance to send more signals."""
    _write(_own("holding"), "")
    for _ in range(2_000):
        if os.path.exists(_own("release")):
            return
        time.sleep(0.01)


def _take(number, _frame):
    with open(_own("signals"), "a") as signals:
        print(NAMES[number], file=signals)


def _own(name):
    return os.path.join(HERE, name)


def _read(path):
    with open(path) as file:
        return file.read()


def _write(path, content):
    with open(path, "w") as file:
        file.write(content)


if __name__ == "__main__":
    sys.exit(main())
