"""How often somebody may ask: GitHub's primary rate limit."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from standins.github import errors
from standins.github.operations import accounts
from standins.github.state import Hub, Token


class Limits:
    """The primary rate limit: so many requests an hour, by token; strangers share one small allowance."""

    def __init__(self, hub: Hub, anonymous: Token) -> None:
        self._hub = hub
        self._anonymous = anonymous

    def of(self, token: Token | None) -> Token:
        holder = token or self._anonymous
        if self._hub.now() >= holder.window_start + accounts.WINDOW:
            holder.window_start, holder.used = self._hub.now(), 0
        return holder

    def take(self, token: Token | None) -> None:
        """Count one request.

        Raises:
            ApiError: 403 when the hour's are used up.
        """
        holder = self.of(token)
        if holder.used >= holder.limit:
            raise errors.ApiError(HTTPStatus.FORBIDDEN, f"API rate limit exceeded for {_whose(token)}.")
        holder.used += 1

    def give_back(self, token: Token | None) -> None:
        self.of(token).used -= 1

    def headers(self, token: Token | None) -> dict[str, str]:
        holder = self.of(token)
        return {
            "x-ratelimit-limit": str(holder.limit),
            "x-ratelimit-remaining": str(holder.limit - holder.used),
            "x-ratelimit-used": str(holder.used),
            "x-ratelimit-reset": str(epoch(holder.window_start + accounts.WINDOW)),
            "x-ratelimit-resource": "core",
        }


def _whose(token: Token | None) -> str:
    if token is None:
        return "127.0.0.1"
    return f"installation ID {token.account.id}" if token.app else f"user ID {token.account.id}"


def epoch(moment: datetime) -> int:
    return int(moment.timestamp())
