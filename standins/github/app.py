"""From a request to its answer: faults, identity, limits, permission, route, validators."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from standins.github import access, errors, routing
from standins.github.faults import Fault, Faults
from standins.github.http import OLDEST_VERSION, Request, Response
from standins.github.journal import Exchange, Journal
from standins.github.limits import Limits, epoch
from standins.github.state import Hub, Token
from standins.github.urls import Urls

_BY_NUMBER: Final = re.compile(r"/repositories/(\d+)(/.*)?")


class ConnectionCutError(Exception):
    """The answer is that there is none."""


class Application:
    """Answers REST requests from a hub's records."""

    def __init__(
        self,
        hub: Hub,
        routes: Sequence[routing.Route],
        *,
        faults: Faults,
        journal: Journal,
        limits: Limits,
    ) -> None:
        self._hub = hub
        self._routes = routes
        self._faults = faults
        self._journal = journal
        self._limits = limits

    def handle(self, request: Request, fault: Fault | None) -> Response:
        """Answer one request.

        Raises:
            ConnectionCutError: a fault wants the connection cut.
        """
        asked = request.path
        with self._hub.lock:
            request = self._by_name(request)
            found = routing.find(self._routes, request.method, request.path)
            token, response = self._respond(request, found, fault)
        cut = fault is not None and fault.cut
        self._journal.note(
            Exchange(
                method=request.method,
                path=asked,
                query=request.query,
                body=request.body,
                headers={key: text for key, text in request.headers.items() if key != "authorization"},
                login=token.account.login if token else None,
                status=0 if cut else response.status,
                known=found is not None,
            )
        )
        if cut:
            raise ConnectionCutError
        return response

    def _by_name(self, request: Request) -> Request:
        """GitHub's links say `/repositories/ID/…`: the same routes under another name."""
        found = _BY_NUMBER.fullmatch(request.path)
        if found is None:
            return request
        for repository in self._hub.repositories.values():
            if repository.id == int(found[1]):
                return replace(request, path=f"/repos/{repository.full_name}{found[2] or ''}")
        return request

    def _respond(
        self, request: Request, found: tuple[routing.Route, dict[str, str]] | None, fault: Fault | None
    ) -> tuple[Token | None, Response]:
        token = None
        version = OLDEST_VERSION
        try:
            version = request.version
            token = access.authenticate(self._hub, request.headers.get("authorization"))
            if fault is not None and fault.replaces and not fault.applied:
                response = self._broken(fault)
            else:
                response = self._answer(request, found, token)
                if fault is not None and fault.replaces:
                    response = self._broken(fault)
        except errors.ApiError as refusal:
            response = Response(status=refusal.status, body=refusal.body(), headers=refusal.headers)
        return token, self._finish(request, response, token, version)

    def _answer(
        self, request: Request, found: tuple[routing.Route, dict[str, str]] | None, token: Token | None
    ) -> Response:
        if request.path != "/rate_limit":  # looking costs nothing
            self._limits.take(token)
        if found is None:
            raise errors.not_found()
        route, params = found
        call = routing.Call(
            hub=self._hub,
            request=request,
            route=route,
            params=params,
            token=token,
            limits=self._limits,
            urls=Urls(request.base, request.web),
        )
        access.authorise(route, token, call.repository if "repo" in params else None)
        response = route.answer(call)
        accepted = {"x-accepted-github-permissions": route.accepted} if route.accepted else {}
        return replace(response, headers={**accepted, **response.headers})

    def _broken(self, fault: Fault) -> Response:
        status = fault.status or HTTPStatus.BAD_GATEWAY
        headers = dict(fault.headers)
        if fault.reset_in is not None:
            reset = self._hub.now() + timedelta(seconds=fault.reset_in)
            headers |= {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(epoch(reset))}
        return Response(status=status, body=errors.ApiError(status, fault.message).body(), headers=headers)

    def _finish(self, request: Request, response: Response, token: Token | None, version: str) -> Response:
        content = response.content(version)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-github-media-type": "github.v3; format=json",
            "x-github-api-version-selected": version,
            "x-github-request-id": secrets.token_hex(8).upper(),
            **self._limits.headers(token),
            **response.headers,
        }
        if request.method == "GET" and response.status == HTTPStatus.OK:
            headers["etag"] = f'W/"{hashlib.sha256(content).hexdigest()}"'
            if headers["etag"] in request.headers.get("if-none-match", ""):
                if token is not None:  # what has not changed is free to those who sign in
                    self._limits.give_back(token)
                    headers |= self._limits.headers(token)
                return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(status=response.status, body=content, headers=headers)
