"""Applications by Argo CD's own API, for runners that may reach Argo CD and not its cluster."""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import requests
import tenacity

from eod.argocd.answers import no_such_set, not_allowed, refused, unreachable
from eod.argocd.ports import Clock, Object
from eod.argocd.reading import is_deleting, operation_of, operation_requested
from eod.errors import CredentialsError

_PASSING = frozenset({429, 500, 502, 503, 504})
_ATTEMPTS = 5
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
_REFRESH_SECONDS = 5.0
_OK = 200
_FORBIDDEN = 403
_LOOKS = 4
_LOOK_AGAIN_SECONDS = 0.5
_NOT_FOUND = 404


class ArgoCdApplications:
    """Applications by the API server of Argo CD.

    Args:
        server: `ARGOCD_SERVER`: a host, or a URL.
        token: `ARGOCD_AUTH_TOKEN`.
        namespace: The namespace that Argo CD watches.
        clock: Paces retries.
    """

    def __init__(self, server: str, token: str, namespace: str, clock: Clock) -> None:
        self._server = (server if "://" in server else f"https://{server}").rstrip("/")
        self._namespace = namespace
        self._clock = clock
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        # Argo CD refuses every change that does not say so, also one without a body: its guard against forgery.
        self._session.headers["Content-Type"] = "application/json"

    def close(self) -> None:
        """Close the connections that are kept for the next request."""
        self._session.close()

    @property
    def namespace(self) -> str:
        """The namespace that Argo CD watches."""
        return self._namespace

    def get(self, name: str) -> Object | None:
        """One Application, or `None`."""
        return self._get(f"applications/{_safe(name)}", appNamespace=self._namespace)

    def list(self) -> list[Object]:
        """All Applications that the token may see."""
        body = self._must("GET", "applications", query={"appNamespace": self._namespace})
        return list(body.get("items") or [])

    def watch(self, name: str, *, since: str, seconds: float) -> Iterator[Object | None]:
        """One Application after each change; `None` when it is deleted. What is known already is left out."""
        query = {"name": name, "appNamespace": self._namespace}
        timeout = (_CONNECT_SECONDS, max(seconds, 0.05))
        path = "stream/applications"
        try:
            with self._session.get(self._url(path), params=query, stream=True, timeout=timeout) as answer:
                self._check(f"watching `{name}`", answer)
                yield from _changes(answer.iter_lines(), since)
        except requests.ReadTimeout:
            return
        except requests.ConnectionError as error:
            # `requests` reports a read that timed out within a stream as a connection error.
            if "Read timed out" not in str(error):
                raise unreachable(self._server, error) from error
        except requests.RequestException as error:
            raise unreachable(self._server, error) from error

    def apply(self, manifest: Object) -> Object:
        """Create or update; annotations and labels of others stay.

        What is wrong with the manifests is left to the Application's conditions, where the wait finds it.
        """
        name = manifest["metadata"]["name"]
        query = {"upsert": "true", "validate": "false"}
        return self._must("POST", "applications", query=query, body=manifest, about=f"`{name}`")

    def refresh(self, name: str, *, hard: bool = False) -> None:
        """Ask for a comparison, and wait no more than a moment for it.

        Argo CD sets the refresh first and answers when it is done, or with what is wrong with the manifests: both
        show in the next reading.
        """
        query = {"refresh": "hard" if hard else "normal", "appNamespace": self._namespace}
        timeout = (_CONNECT_SECONDS, _REFRESH_SECONDS)
        try:
            self._session.get(self._url(f"applications/{_safe(name)}"), params=query, timeout=timeout)
        except requests.ReadTimeout:
            return
        except requests.RequestException as error:
            raise unreachable(self._server, error) from error

    def sync(self, application: Object, revision: str) -> bool:
        """Start a sync, unless there is one."""
        if operation_requested(application) or is_deleting(application):
            return False
        name = application["metadata"]["name"]
        body: Object = {"appNamespace": self._namespace, "prune": True}
        if revision and not (application.get("spec") or {}).get("sources"):
            body["revision"] = revision
        return self._may(400, "POST", f"applications/{_safe(name)}/sync", body=body)

    def terminate(self, application: Object) -> None:
        """Stop the running sync."""
        operation = operation_of(application)
        if operation_requested(application) and operation is not None and operation.phase == "Running":
            name = _safe(application["metadata"]["name"])
            self._may(400, "DELETE", f"applications/{name}/operation", query={"appNamespace": self._namespace})

    def delete(self, application: Object) -> None:
        """Delete in cascade, in the foreground."""
        if is_deleting(application):
            return
        query = {"cascade": "true", "propagationPolicy": "foreground", "appNamespace": self._namespace}
        self._may(_NOT_FOUND, "DELETE", f"applications/{_safe(application['metadata']['name'])}", query=query)

    def poke(self, application_set: str) -> None:
        """Write the ApplicationSet back with the annotation that makes its controller look."""
        existing = self.application_set(application_set)
        if existing is None:
            raise no_such_set(application_set, self._namespace)
        metadata = existing["metadata"]
        annotations = {**(metadata.get("annotations") or {}), "argocd.argoproj.io/application-set-refresh": "true"}
        kept = {key: metadata[key] for key in ("name", "namespace", "labels", "finalizers") if metadata.get(key)}
        body = {"metadata": {**kept, "annotations": annotations}, "spec": existing["spec"]}
        self._must("POST", "applicationsets", query={"upsert": "true"}, body=body, about=f"`{application_set}`")

    def application_set(self, name: str) -> Object | None:
        """One ApplicationSet, or `None`."""
        return self._get(f"applicationsets/{_safe(name)}", appsetNamespace=self._namespace)

    def project_exists(self, name: str) -> bool | None:
        """Whether the AppProject exists; `None` if we may not know."""
        try:
            return self._get(f"projects/{_safe(name)}") is not None
        except CredentialsError:
            return None

    def _get(self, path: str, **query: str) -> Object | None:
        answer = self._send("GET", path, query, None)
        for _ in range(_LOOKS):
            if answer.status_code == _NOT_FOUND or self._hides(path, answer):
                return None
            if answer.status_code != _FORBIDDEN:
                break
            # It was made between the refusal and the listing: then the next question is answered.
            self._clock.wait(_LOOK_AGAIN_SECONDS)
            answer = self._send("GET", path, query, None)
        self._check(f"reading {path}", answer)
        body: Object = answer.json()
        return body

    def _hides(self, path: str, answer: requests.Response) -> bool:
        """Whether a 403 means that there is none: Argo CD does not tell the two apart unless we may see all."""
        if answer.status_code != _FORBIDDEN or not path.startswith("applications/"):
            return False
        name = path.partition("/")[2]
        body = self._must("GET", "applications", query={"appNamespace": self._namespace})
        return name not in {_safe(item["metadata"]["name"]) for item in body.get("items") or []}

    def _must(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        about: str = "",
    ) -> Object:
        answer = self._send(method, path, query, body)
        self._check(f"{method} {path} {about}".rstrip(), answer)
        parsed: Object = answer.json()
        return parsed

    def _may(
        self, harmless: int, method: str, path: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> bool:
        """Send what may find its work done already, which Argo CD reports with the status `harmless`."""
        answer = self._send(method, path, query, body)
        if answer.status_code == harmless:
            return False
        self._check(f"{method} {path}", answer)
        return True

    def _send(self, method: str, path: str, query: Mapping[str, str] | None, body: object) -> requests.Response:
        def once() -> requests.Response:
            return self._session.request(
                method,
                self._url(path),
                params=query,
                json=body,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
            )

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((requests.ConnectionError, requests.Timeout))
            | tenacity.retry_if_result(lambda answer: answer.status_code in _PASSING),
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=tenacity.wait_exponential(multiplier=0.5, max=4),
            sleep=self._clock.wait,
            retry_error_callback=_last,
        )
        try:
            answer: requests.Response = retrying(once)
        except requests.RequestException as error:
            raise unreachable(self._server, error) from error
        return answer

    def _check(self, doing: str, answer: requests.Response) -> None:
        if answer.status_code == _OK:
            return
        try:
            body = answer.json()
        except ValueError:
            body = {"message": answer.text[:500]}
        if answer.status_code in {401, 403}:
            raise not_allowed(self._server, doing, answer.status_code, body)
        raise refused(f"Argo CD: {doing}", answer.status_code, body)

    def _url(self, path: str) -> str:
        return f"{self._server}/api/v1/{path}"


class _Bearer(requests.auth.AuthBase):
    """Sets the token last, so that a `.netrc` cannot replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _changes(lines: Iterator[bytes], since: str) -> Iterator[Object | None]:
    for line in lines:
        event = (json.loads(line) if line.strip() else {}).get("result") or {}
        application = event.get("application") or {}
        if event.get("type") == "DELETED":
            yield None
        elif application and (application.get("metadata") or {}).get("resourceVersion") != since:
            yield application


def _last(state: tenacity.RetryCallState) -> requests.Response:
    assert state.outcome is not None  # noqa: S101  # tenacity calls this after an attempt only
    result: requests.Response = state.outcome.result()
    return result


def _safe(name: str) -> str:
    return quote(name, safe="")
