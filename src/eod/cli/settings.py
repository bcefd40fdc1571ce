"""Where a run takes place: read once from the process's environment, then handed on as data."""

import hashlib
import os
import platform
import re
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from eod.errors import UsageError
from eod.model.lock import machine_of
from eod.model.record import Run

_REMOTE = re.compile(r"(?:[:/])([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+?)(?:\.git)?/?$")


class Settings(Struct, frozen=True, kw_only=True):
    """What the surroundings say. `checkout` is the working copy, `state_directory` private to this job.

    `asker` is the login of who started this attempt of the run; empty on a terminal.
    """

    checkout: Path
    repository: str
    server_url: str
    api_url: str
    token: str
    in_actions: bool
    state_directory: Path
    run: Run
    workflow: str
    asker: str
    commit: str
    kube_context: str
    terraform_binary: str
    records_remote: str
    debug: bool

    def __repr__(self) -> str:
        """Without the token: a repr ends up in logs."""
        return f"Settings(repository={self.repository!r}, checkout={str(self.checkout)!r}, …)"

    @property
    def clone_url(self) -> str:
        """The repository's address, for Git and for Argo CD."""
        return f"{self.server_url}/{self.repository}.git"


def read_settings(
    environ: Mapping[str, str],
    *,
    checkout: Path,
    repository: str = "",
    token: str = "",
    kube_context: str = "",
    terraform_binary: str = "",
    records_remote: str = "",
    debug: bool = False,
) -> Settings:
    """Read what the runner, or a terminal, says of itself.

    Raises:
        UsageError: It cannot be told which repository this is about.
    """
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    name = repository or environ.get("GITHUB_REPOSITORY", "") or _repository_of(checkout)
    return Settings(
        checkout=checkout,
        repository=name,
        server_url=server,
        api_url=environ.get("GITHUB_API_URL", "https://api.github.com"),
        token=token or environ.get("GITHUB_TOKEN", "") or environ.get("GH_TOKEN", ""),
        in_actions=environ.get("GITHUB_ACTIONS") == "true",
        state_directory=_state_directory(environ, name),
        run=_run(environ, server, name),
        workflow=_workflow(environ, name),
        asker=_asker(environ),
        commit=environ.get("GITHUB_SHA", ""),
        kube_context=kube_context,
        terraform_binary=terraform_binary,
        records_remote=records_remote,
        debug=debug,
    )


def _repository_of(checkout: Path) -> str:
    try:
        shown = subprocess.run(
            ["git", "-C", str(checkout), "remote", "get-url", "origin"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
    except OSError:
        shown = ""
    match = _REMOTE.search(shown)
    if match is None:
        raise UsageError(
            "It cannot be told which repository this is about.",
            why=f"{checkout} has no Git remote `origin` on GitHub, and GITHUB_REPOSITORY is not set.",
            fix="Pass --repository OWNER/NAME, or run inside a clone.",
        )
    return f"{match[1]}/{match[2]}"


def _state_directory(environ: Mapping[str, str], repository: str) -> Path:
    """In a job: where a later step of the same job finds it. On a terminal: where the next command does."""
    temporary = environ.get("RUNNER_TEMP", "")
    if temporary:
        return Path(temporary) / "eod"
    base = environ.get("XDG_STATE_HOME") or (f"{environ['HOME']}/.local/state" if environ.get("HOME") else "")
    root = Path(base) if base else Path(tempfile.gettempdir())
    return root / "eod" / repository.replace("/", "+")


def _workflow(environ: Mapping[str, str], repository: str) -> str:
    """`owner/name/.github/workflows/preview.yml@refs/…` → its path in the repository."""
    return environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].removeprefix(f"{repository}/")


def is_process_over(run_id: str) -> bool | None:
    """Whether a run that was started on a terminal has ended; `None` where that was another machine's."""
    machine, _, pid = run_id.rpartition("-")
    if machine != _machine() or not pid.isdigit():
        return None
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _machine() -> str:
    """What tells this machine from another, and tells nobody its name."""
    return f"local-{hashlib.sha256(platform.node().encode()).hexdigest()[:8]}"


def _asker(environ: Mapping[str, str]) -> str:
    """Not `GITHUB_ACTOR`, who stays the same when somebody else starts the run once more."""
    return environ.get("GITHUB_TRIGGERING_ACTOR", "") or environ.get("GITHUB_ACTOR", "")


def _run(environ: Mapping[str, str], server: str, repository: str) -> Run:
    run_id = environ.get("GITHUB_RUN_ID", "")
    return Run(
        id=run_id or f"{_machine()}-{os.getpid()}",
        attempt=int(environ.get("GITHUB_RUN_ATTEMPT", "1") or 1),
        url=f"{server}/{repository}/actions/runs/{run_id}" if run_id else "",
        actor=environ.get("GITHUB_ACTOR", "") or environ.get("USER", ""),
        machine=machine_of(platform.node()),
        holder=machine_of(f"{user_of(environ)}@{platform.node()}"),
        began=datetime.now(UTC),
    )


def user_of(environ: Mapping[str, str]) -> str:
    """As Terraform, a static program in Go, names it in a lock: https://pkg.go.dev/os/user."""
    try:
        lines = Path("/etc/passwd").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    users = (line.split(":") for line in lines)
    own = str(os.getuid())
    return next((user[0] for user in users if user[2:3] == [own]), environ.get("USER", ""))
