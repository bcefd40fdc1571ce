"""Deleting an Application with all that it made."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing

from eod.argocd.deletion_diagnosis import leak_warning, not_deleted
from eod.argocd.feed import readings
from eod.argocd.manifests import require_deletable
from eod.argocd.ports import Applications, Clock, Object
from eod.argocd.reading import is_deleting, operation_requested, owner_set
from eod.errors import ArgoCdError

_GENERATOR_SHARE = 0.25
_GENERATOR_SECONDS = 60.0
_TERMINATE_AGAIN_SECONDS = 10.0
_COMES_BACK_SECONDS = 5.0


class Deletion:
    """One deletion.

    Args:
        store: Where Applications are.
        clock: Paces the wait.
        name: The Application's.
        timeout_seconds: For all of it.
        say: Told what a person should know although the deletion went well.
    """

    def __init__(
        self, store: Applications, clock: Clock, name: str, timeout_seconds: float, say: Callable[[str], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._name = name
        self._timeout = timeout_seconds
        self._say = say
        self._began = clock.monotonic()

    def run(self, *, generated: bool) -> bool:
        """Delete and wait; whether there was one.

        Raises:
            ArgoCdError: It is somebody else's, it does not go away, or its ApplicationSet makes it anew.
        """
        application = self._store.get(self._name)
        if application is None:
            return False
        require_deletable(application)
        owner = owner_set(application)
        if (generated or owner) and not is_deleting(application):
            application = self._leave_to_generator(application, owner)
        if application is not None:
            by_generator = bool(owner) and is_deleting(application)
            self._delete(application)
            self._require_gone(owner, patience=_COMES_BACK_SECONDS if owner and not by_generator else 0.0)
        return True

    def _leave_to_generator(self, application: Object, owner: str) -> Object | None:
        """Give the ApplicationSet the time to remove what it made; what is left of the Application then."""
        if not owner:
            return application
        self._store.poke(owner)
        patience = min(_GENERATOR_SECONDS, self._timeout * _GENERATOR_SHARE)
        last: Object | None = application
        with self._readings(self._began + patience) as found:
            for last in found:
                if last is None or is_deleting(last) or self._clock.monotonic() >= self._began + patience:
                    break
        return last

    def _delete(self, application: Object) -> None:
        # Deleted first, stopped second: once it is being deleted, no further automated sync can begin.
        self._store.delete(application)
        uid = application["metadata"]["uid"]
        ends_at = self._began + self._timeout
        stopped_at = float("-inf")
        last = application
        with self._readings(ends_at) as found:
            for reading in found:
                if reading is None or reading["metadata"]["uid"] != uid:
                    break
                last = reading
                now = self._clock.monotonic()
                if now >= ends_at:
                    project = str((last.get("spec") or {}).get("project", "default"))
                    exists = self._store.project_exists(project)
                    raise not_deleted(last, seconds=now - self._began, project_exists=exists)
                if operation_requested(last) and now - stopped_at >= _TERMINATE_AGAIN_SECONDS:
                    self._store.terminate(last)
                    stopped_at = now
        warning = leak_warning(last)
        if warning:
            self._say(warning)

    def _require_gone(self, owner: str, *, patience: float) -> None:
        """Make sure that it does not come back; `patience` is how long its generator is given to show that."""
        ends_at = self._clock.monotonic() + patience
        with self._readings(ends_at) as found:
            for again in found:
                if again is not None and not is_deleting(again):
                    break
                if self._clock.monotonic() >= ends_at:
                    return
        raise ArgoCdError(
            f"Application `{self._name}` was deleted and made anew.",
            why=f"ApplicationSet `{owner}` still generates it: its generator finds the pull request open."
            if owner
            else "Something else creates it.",
            fix="Filter the generator by a label that is taken off before the environment goes, or close the pull "
            "request; then re-run the job.",
        )

    def _readings(self, ends_at: float) -> AbstractContextManager[Iterator[Object | None]]:
        found = readings(
            self._store,
            self._clock,
            self._name,
            ends_at=ends_at,
            wake_in=lambda: max(0.0, ends_at - self._clock.monotonic()),
        )
        return closing(found)
