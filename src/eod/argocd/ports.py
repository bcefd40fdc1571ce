"""What this room needs of others, as Protocols."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

Object = dict[str, Any]


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def wait(self, seconds: float) -> None:
        """Sleep, or raise `CancelledError` as soon as the run is cancelled."""


class KubernetesApi(Protocol):
    """The cluster that Argo CD runs in."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = ...,
    ) -> tuple[int, Object]:
        """Status and body. Raises `ClusterError` if unreachable, `CredentialsError` on 401 and 403."""

    def stream(self, path: str, *, query: Mapping[str, str], seconds: float) -> Iterator[Object]:
        """The events of a watch, for at most about `seconds`."""


class Applications(Protocol):
    """Applications and ApplicationSets, wherever they are kept. Each call is idempotent.

    All raise `ClusterError` or `ArgoCdError` when Argo CD cannot be reached, `CredentialsError` when it does not
    let us, and `ArgoCdError` when it refuses.
    """

    @property
    def namespace(self) -> str:
        """The namespace that Argo CD watches."""

    def get(self, name: str) -> Object | None:
        """One Application, or `None`."""

    def list(self) -> list[Object]:
        """All Applications, over all pages."""

    def watch(self, name: str, *, since: str, seconds: float) -> Iterator[Object | None]:
        """One Application after each change, `None` when it is deleted, for at most about `seconds`.

        Without `since` (a resource version) the first reading is the present one. Ends early when the connection
        does; what was missed is not sent again.
        """

    def apply(self, manifest: Object) -> Object:
        """Create or update an Application; the fields of the manifest are ours."""

    def refresh(self, name: str, *, hard: bool = False) -> None:
        """Have the Application compared with Git now."""

    def sync(self, application: Object, revision: str) -> bool:
        """Start a sync; whether one was started: not if one is under way, or the Application has just changed."""

    def terminate(self, application: Object) -> None:
        """Stop the sync that is under way; nothing happens if there is none."""

    def delete(self, application: Object) -> None:
        """Begin to delete, in cascade."""

    def poke(self, application_set: str) -> None:
        """Have an ApplicationSet generate now."""

    def application_set(self, name: str) -> Object | None:
        """One ApplicationSet, or `None`."""

    def project_exists(self, name: str) -> bool | None:
        """Whether the AppProject exists; `None` if we may not know."""
