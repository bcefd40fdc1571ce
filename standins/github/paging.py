"""Pages, and the `Link` header that leads from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from standins.github.http import Request

T = TypeVar("T")

_DEFAULT = 30
_MOST = 100


def page(items: Sequence[T], request: Request, path: str) -> tuple[Sequence[T], dict[str, str]]:
    """The asked page and its headers; `path` is where GitHub's links point, which is not where one asked."""
    size = min(_number(request, "per_page", _DEFAULT), _MOST)
    number = _number(request, "page", 1)
    last = max(1, -(-len(items) // size))

    def link(to: int, relation: str) -> str:
        query = urlencode({**request.query, "page": to})
        return f'<{request.base}{path}?{query}>; rel="{relation}"'

    links = []
    if number > 1:
        links.append(link(min(number - 1, last), "prev"))
    if number < last:
        links += [link(number + 1, "next"), link(last, "last")]
    if number > 1:
        links.append(link(1, "first"))
    headers = {"link": ", ".join(links)} if links else {}
    return items[(number - 1) * size : number * size], headers


def _number(request: Request, name: str, otherwise: int) -> int:
    """GitHub does not mind nonsense here: it falls back."""
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else otherwise
