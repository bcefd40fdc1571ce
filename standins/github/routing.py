"""Routes: a method, a path template, the permission that GitHub asks for, and what answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote

from standins.github import errors
from standins.github.http import Request, Response
from standins.github.limits import Limits
from standins.github.operations.accounts import Actor
from standins.github.paging import page
from standins.github.state import Hub, Issue, Json, Pull, Repository, Token
from standins.github.urls import Urls

_FIELD: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
_KINDS: Final = {None: "[^/]+", "int": r"\d+", "path": ".+", "rest": ".*"}


@dataclass(frozen=True)
class Route:
    """`permission` holds alternatives such as `issues:write|pull_requests:write`; empty means none is needed.

    `user_only` routes refuse apps; `signed_in` ones refuse strangers even on a public repository; on
    `open_to_readers` ones a user needs no more than to see the repository (to comment, say).
    """

    method: str
    template: str
    answer: Callable[[Call], Response]
    permission: str = ""
    user_only: bool = False
    signed_in: bool = False
    open_to_readers: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        pieces, at = [], 0
        for found in _FIELD.finditer(self.template):
            pieces.append(re.escape(self.template[at : found.start()]))
            pieces.append(f"(?P<{found[1]}>{_KINDS[found[2]]})")
            at = found.end()
        return re.compile("".join(pieces) + re.escape(self.template[at:]))

    @property
    def alternatives(self) -> list[tuple[str, str]]:
        return [(name, level) for name, level in (one.split(":") for one in self.permission.split("|") if one)]

    @property
    def accepted(self) -> str:
        """As the header `x-accepted-github-permissions` tells it."""
        return "; ".join(f"{name}={level}" for name, level in self.alternatives)


class Routes(list[Route]):
    """A list that its functions register themselves in."""

    def on(self, method: str, template: str, permission: str = "", **flags: bool) -> Callable[[Answer], Answer]:
        def register(answer: Answer) -> Answer:
            self.append(Route(method, template, answer, permission, **flags))
            return answer

        return register


@dataclass(frozen=True)
class Call:
    """A request that found its route, with what most answers need."""

    hub: Hub
    request: Request
    route: Route
    params: dict[str, str]
    token: Token | None
    limits: Limits
    urls: Urls

    @cached_property
    def repository(self) -> Repository:
        found = self.hub.repository(f"{self.params['owner']}/{self.params['repo']}")
        if found is None:
            raise errors.not_found()
        return found

    @property
    def actor(self) -> Actor:
        if self.token is None:
            raise errors.requires_authentication()
        return Actor(self.token.account, self.token.app)

    @property
    def issue(self) -> Issue:
        found = self.repository.issues.get(int(self.params["number"]))
        if found is None:
            raise errors.not_found()
        return found

    @property
    def pull(self) -> Pull:
        found = self.issue
        if not isinstance(found, Pull):
            raise errors.not_found()
        return found

    @cached_property
    def body(self) -> Json:
        body = self.request.json()
        if not isinstance(body, dict):
            raise errors.ApiError(400, "Body should be a JSON object")
        return body

    def text(self, name: str, resource: str) -> str:
        """A field of the body that must be there."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise errors.missing_field(resource, name)
        return value

    def query(self, name: str, otherwise: str = "") -> str:
        return self.request.query.get(name, otherwise)

    def revision(self, text: str) -> str:
        """The commit that a branch, tag or id in a path or query means."""
        sha = self.repository.store.resolve(text)
        if sha is None:
            raise errors.ApiError(422, f"No commit found for SHA: {text}")
        return sha

    def paged(
        self,
        items: Iterable[Any],
        render: Callable[[Any], Json],
        wrap: Callable[[list[Json], int], Any] = lambda rendered, _: rendered,
    ) -> Response:
        """One page of a list; `wrap` puts it into an object where GitHub does, with the total beside it."""
        everything = list(items)
        some, headers = page(everything, self.request, self._linked_path())
        return Response(body=wrap([render(one) for one in some], len(everything)), headers=headers)

    def _linked_path(self) -> str:
        """GitHub's links name a repository by its number, not by its name."""
        prefix = f"/repos/{self.params.get('owner')}/{self.params.get('repo')}"
        if "repo" in self.params and self.request.path.startswith(prefix):
            return f"/repositories/{self.repository.id}{self.request.path.removeprefix(prefix)}"
        return self.request.path


Answer = Callable[[Call], Response]


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    wanted = "GET" if method == "HEAD" else method
    for route in routes:
        if route.method == wanted and (match := route.pattern.fullmatch(path)):
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    return None
