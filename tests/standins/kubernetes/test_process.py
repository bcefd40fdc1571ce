import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.runaway import RUNAWAY_SECONDS

pytestmark = [pytest.mark.network, pytest.mark.process]

CHECKOUT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "standins.kubernetes"]


def _start(*arguments: str, command: list[str] | None = None) -> Any:
    return subprocess.Popen(
        command or [*COMMAND, *arguments],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_when_it_is_told(tmp_path, number):
    with _start("--directory", str(tmp_path)) as process:
        ready = json.loads(process.stdout.readline())
        assert requests.get(f"{ready['url']}/readyz", timeout=RUNAWAY_SECONDS).text == "ok"
        assert Path(ready["kubeconfig"]).parent == tmp_path
        assert ready["argocd_namespace"] == "argocd"
        assert (
            requests.get(f"http://127.0.0.1:{ready['load_balancer_port']}/", timeout=RUNAWAY_SECONDS).status_code
            == 404
        )
        process.send_signal(number)
        assert process.wait(RUNAWAY_SECONDS) == 0
        assert process.stderr.read() == ""


def test_it_ends_with_its_parent(tmp_path):
    command = [*COMMAND, "--directory", str(tmp_path)]
    script = f"import subprocess, sys; subprocess.Popen({command!r}); sys.stdin.readline()"
    with _start(command=[sys.executable, "-c", script]) as parent:
        ready = json.loads(parent.stdout.readline())
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.wait(RUNAWAY_SECONDS) == 0
        # The child shares the parent's standard output, which therefore ends when the child does.
        assert parent.stdout.read() == ""
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{ready['url']}/readyz", timeout=RUNAWAY_SECONDS)
