"""A request and its answer, as plain data; nothing here knows sockets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from standins.github.errors import ApiError

OLDEST_VERSION: Final = "2022-11-28"
"""What GitHub answers with when `X-GitHub-Api-Version` is not sent."""
NEWEST_VERSION: Final = "2026-03-10"

REMOVED_IN_2026_03_10: Final = frozenset(
    {"assignee", "has_downloads", "master_branch", "merge_commit_sha", "rate", "use_squash_pr_title_as_default"}
)
"""Fields of the objects served here that the newer version no longer has.

Source: https://docs.github.com/en/rest/about-the-rest-api/breaking-changes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`path` is without `/api/v3`; header names are lower case; `base` is the REST base the client used."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    web: str = ""

    def json(self) -> Any:
        if not self.body:
            return {}
        try:
            return json.loads(self.body)
        except ValueError:
            raise ApiError(HTTPStatus.BAD_REQUEST, "Problems parsing JSON") from None

    @property
    def version(self) -> str:
        version = self.headers.get("x-github-api-version", OLDEST_VERSION)
        if version not in (OLDEST_VERSION, NEWEST_VERSION):
            raise ApiError(HTTPStatus.BAD_REQUEST, f"{version!r} is not a supported API version")
        return version


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`body` is JSON, or bytes as they are; None sends nothing."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self, version: str) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        body = without_removed(self.body) if version == NEWEST_VERSION else self.body
        return json.dumps(body).encode()


def without_removed(body: Any) -> Any:
    """The same answer without the fields that the newer version dropped."""
    if isinstance(body, dict):
        return {key: without_removed(value) for key, value in body.items() if key not in REMOVED_IN_2026_03_10}
    if isinstance(body, list):
        return [without_removed(one) for one in body]
    return body
