"""Git over HTTP: `git http-backend` on the bare repositories, with GitHub's manners about who may push."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Final

from standins.github import access
from standins.github.errors import ApiError
from standins.github.gitstore import environment
from standins.github.operations import accounts, branches
from standins.github.state import Hub, Repository, Token

_PATH: Final = re.compile(
    r"/(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/(?P<service>info/refs|git-upload-pack|git-receive-pack)"
)
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRequest:
    """One step of git's conversation; `query` is as it came."""

    method: str
    owner: str
    name: str
    service: str
    query: str
    headers: dict[str, str]

    @property
    def pushes(self) -> bool:
        return self.service == "git-receive-pack" or "service=git-receive-pack" in self.query


def parse(method: str, path: str, query: str, headers: dict[str, str]) -> GitRequest | None:
    """The git request that a path stands for; None for any other."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    return GitRequest(method=method, query=query, headers=headers, **found.groupdict())


def admit(hub: Hub, request: GitRequest) -> tuple[Repository, Token | None]:
    """Who is let in where.

    Raises:
        ApiError: 401 asks git for credentials; 403 refuses the push; 404 knows of no such repository.
    """
    challenge = {"www-authenticate": 'Basic realm="GitHub"'}
    try:
        token = access.authenticate(hub, request.headers.get("authorization"))
    except ApiError as refusal:
        raise ApiError(refusal.status, "Invalid username or token.", headers=challenge) from None
    repository = hub.repository(f"{request.owner}/{request.name}")
    visible = repository is not None and accounts.may_read(token, repository)
    if token is None and (not visible or request.pushes):
        raise ApiError(HTTPStatus.UNAUTHORIZED, "Authentication required", headers=challenge)
    if repository is None or not visible:
        raise ApiError(HTTPStatus.NOT_FOUND, "Repository not found.")
    if token is not None and request.pushes and not accounts.may_push(token, repository):
        message = f"Permission to {repository.full_name}.git denied to {token.account.login}."
        raise ApiError(HTTPStatus.FORBIDDEN, message)
    return repository, token


@contextmanager
def backend(
    hub: Hub, repository: Repository, token: Token | None, request: GitRequest, *, body: IO[bytes], size: int
) -> Iterator[IO[bytes]]:
    """What `git http-backend` answers to a request whose body lies in a file."""
    env = {
        **environment(hub.root),
        "GIT_PROJECT_ROOT": str(hub.root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "PATH_INFO": f"/{repository.full_name}.git/{request.service}",
        "QUERY_STRING": request.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(size),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }
    if token is not None:
        env["REMOTE_USER"] = token.account.login  # what lets receive-pack run
    process = subprocess.Popen(
        ["git", "http-backend"], stdin=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    )
    with process:
        assert process.stdout is not None
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise


def head(output: IO[bytes]) -> tuple[int, dict[str, str]]:
    """The CGI answer's own head: a status and headers."""
    status, headers = int(HTTPStatus.OK), {}
    for line in iter(output.readline, b""):
        name, separator, text = line.decode().strip().partition(":")
        if not separator:
            break
        if name.lower() == "status":
            status = int(text.split()[0])
        else:
            headers[name.lower()] = text.strip()
    return status, headers


def chunks(output: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: output.read1(_CHUNK) if hasattr(output, "read1") else output.read(_CHUNK), b"")


def received(hub: Hub, repository: Repository, token: Token | None) -> None:
    """After a push: what follows from the refs that moved."""
    if token is not None:
        with hub.lock:
            branches.sync(hub, repository, accounts.Actor(token.account, token.app))
