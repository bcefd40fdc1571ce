"""Workflow runs: whether another one is still at work, and whether a push started one."""

from collections.abc import Callable
from datetime import UTC, datetime

from eod.errors import CredentialsError, GitHubError, NotFoundError
from eod.github.client import Client
from eod.github.faults import explained

PERMISSION = "actions: read"
_OVER = "completed"


class Runs:
    """Asks GitHub of workflow runs. What it does not tell at once is unknown, and no failure.

    Args:
        client: The repository.
        say: Told, once, why something is unknown.
    """

    def __init__(self, client: Client, say: Callable[[str], None]) -> None:
        self._client = client
        self._say = say
        self._told = False

    def is_over(self, run_id: int, attempt: int) -> bool | None:
        """Whether that attempt of a run has ended; a run that was deleted has. `None`: it cannot be told."""
        try:
            with self._client.hasty(), explained(f"read workflow run {run_id}", PERMISSION):
                run = self._client.repository.get_workflow_run(run_id)
                return run.status == _OVER or run.run_attempt > attempt
        except NotFoundError:
            return True
        except (CredentialsError, GitHubError) as error:
            self._tell(error)
            return None

    def ended_at(self, run_id: int, attempt: int) -> datetime | None:
        """Until when that attempt of a run, which is over, can have worked; `None`: it cannot be told."""
        try:
            with self._client.hasty(), explained(f"read workflow run {run_id}", PERMISSION):
                run = self._client.repository.get_workflow_run(run_id)
                ended = run.run_started_at if run.run_attempt > attempt else run.updated_at
        except (NotFoundError, CredentialsError, GitHubError):
            return None
        return ended if ended.tzinfo is not None else ended.replace(tzinfo=UTC)

    def exist_for(self, head_sha: str, workflow: str) -> bool | None:
        """Whether a run of a workflow was started for a commit. `None`: it cannot be told.

        Args:
            head_sha: The commit.
            workflow: The path of the workflow's file, `.github/workflows/preview.yml`.
        """
        try:
            with self._client.hasty(), explained(f"list the workflow runs for {head_sha[:7]}", PERMISSION):
                runs = self._client.repository.get_workflow_runs(head_sha=head_sha)
                return any(run.path.partition("@")[0] == workflow for run in runs)
        except NotFoundError:
            return None
        except (CredentialsError, GitHubError) as error:
            self._tell(error)
            return None

    def _tell(self, error: CredentialsError | GitHubError) -> None:
        if not self._told:
            self._told = True
            self._say(f"{error.what} {error.fix}")
