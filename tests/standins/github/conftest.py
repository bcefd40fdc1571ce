import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import github as pygithub
import pytest
from github.Repository import Repository as Remote

from standins import github as standin

Client = Callable[..., pygithub.Github]
Git = Callable[..., str]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, delta: timedelta) -> None:
        self.now += delta


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(clock: Clock) -> Iterator[standin.GitHub]:
    with standin.server(clock=clock) as github:
        yield github


@pytest.fixture
def shop(hub: standin.GitHub) -> standin.RepositoryControl:
    """A repository with a pull request's worth of change on branch `fix`."""
    repository = hub.create_repository("acme", "shop")
    repository.push("main", {"README.md": "# Shop\n", "src/cart.py": "one = 1\n"})
    repository.push("fix", {"src/cart.py": "one = 2\n"})
    return repository


@pytest.fixture
def client(hub: standin.GitHub) -> Iterator[Client]:
    opened = []

    def connect(
        token: str | None, *, base: str | None = None, retry: pygithub.GithubRetry | None = None
    ) -> pygithub.Github:
        auth = pygithub.Auth.Token(token) if token else None
        one = pygithub.Github(
            base_url=base or hub.api_url,
            auth=auth,
            retry=retry,
            seconds_between_requests=0,
            seconds_between_writes=0,
            per_page=2,
        )
        opened.append(one)
        return one

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def remote(hub: standin.GitHub, shop: standin.RepositoryControl, client: Client) -> Remote:
    """The repository as a workflow's own token sees it."""
    return client(hub.installation_token(shop)).get_repo(shop.full_name)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git as a stranger's machine would, in a directory."""
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Dev",
        "GIT_AUTHOR_EMAIL": "dev@example.com",
        "GIT_COMMITTER_NAME": "Dev",
        "GIT_COMMITTER_EMAIL": "dev@example.com",
        "NO_PROXY": "*",
    }

    def run(*arguments: str, at: Path = tmp_path) -> str:
        done = subprocess.run(["git", *arguments], cwd=at, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    return run
