from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from eod.github.client import Client
from eod.github.forge import GitHubForge
from standins.github import GitHub, RepositoryControl, server


@dataclass
class Shop:
    """One repository on the stand-in with one open pull request, and a forge that looks at it."""

    github: GitHub
    repository: RepositoryControl
    number: int
    waits: list[float] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def forge(self, token: str | None = None, wait: Callable[[float], None] | None = None) -> GitHubForge:
        client = Client(
            token=self.github.installation_token(self.repository) if token is None else token,
            repository=self.repository.full_name,
            api_url=self.github.api_url,
            wait=wait or self.waits.append,
            say=self.said.append,
            seconds_between_writes=0,
        )
        return GitHubForge(client, notice=self.notices.append, say=self.said.append)

    @property
    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.repository.comments(self.number)]

    def requests(self, method: str, ending: str) -> int:
        return sum(1 for one in self.github.requests if one.method == method and one.path.endswith(ending))


@pytest.fixture
def shop() -> Iterator[Shop]:
    with server() as github:
        repository = github.create_repository("acme", "shop")
        repository.push("main", {"README.md": "hello\n"})
        repository.push("fix", {"README.md": "fixed\n"})
        yield Shop(github, repository, repository.open_pull("fix", author="octocat"))
