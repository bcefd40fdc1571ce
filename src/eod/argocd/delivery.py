"""Argo CD, as the lifecycle sees it."""

from collections.abc import Callable
from contextlib import closing

from eod.argocd.answers import NoSuchSetError, no_such_set
from eod.argocd.deletion import Deletion
from eod.argocd.feed import readings
from eod.argocd.manifests import (
    MANAGED_BY_LABEL,
    MANAGER,
    NAME_LABEL,
    REPOSITORY_ANNOTATION,
    application_manifest,
    ours_in,
    require_ours,
)
from eod.argocd.ports import Applications, Clock, Object
from eod.argocd.reading import (
    annotations_of,
    conditions_of,
    destination_of,
    is_deleting,
    labels_of,
    owner_set,
    repository_of,
)
from eod.argocd.wait import Expectation, OnStatus, Problems, Wait
from eod.errors import ArgoCdError
from eod.model.kube import ApplicationInfo, ApplicationSpec, ApplicationStatus
from eod.model.moments import moment

_POKE_AGAIN_SECONDS = 30.0
_NEW_SET_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.5


class Delivery:
    """Applications of previews.

    Args:
        store: Where Applications are: `KubernetesApplications` or `ArgoCdApplications`.
        clock: Paces waits; a cancelled run makes it raise.
        repository: Whose previews these are: to this one, those of another do not exist. Empty: everybody's.
        application_set: The ApplicationSet whose Applications count as previews; empty for none.
        problems: Tells what keeps the pods of a namespace from being ready.
        say: Told what a person should know although all went well.
        replace_seconds: How long `ensure` waits for an earlier Application of that name to go.
    """

    def __init__(
        self,
        store: Applications,
        clock: Clock,
        *,
        repository: str = "",
        application_set: str = "",
        problems: Problems = lambda _namespace: (),
        say: Callable[[str], None] = lambda _sentence: None,
        replace_seconds: float = 120.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._repository = repository
        self._application_set = application_set
        self._problems = problems
        self._say = say
        self._replace_seconds = replace_seconds

    def ensure(self, spec: ApplicationSpec) -> bool:
        """Create or update the Application and have it compared with Git now; whether anything changed.

        Raises:
            ArgoCdError: An Application of that name is somebody else's, or Argo CD refuses.
        """
        before = self._store.get(spec.name)
        if before is not None:
            require_ours(before, spec)
        if before is not None and is_deleting(before):
            Deletion(self._store, self._clock, spec.name, self._replace_seconds, self._say).run(generated=False)
            before = None
        after = self._store.apply(application_manifest(spec))
        self._store.refresh(spec.name)
        return before is None or ours_in(before) != ours_in(after)

    def poke(self, application_set: str, name: str, timeout_seconds: float) -> None:
        """Have the ApplicationSet generate now, wait until its Application exists, and have that compared now.

        Raises:
            ArgoCdError: The ApplicationSet does not exist, or does not make the Application in time.
        """
        ends_at = self._clock.monotonic() + timeout_seconds
        again_at = self._clock.monotonic() + _POKE_AGAIN_SECONDS
        self._first_poke(application_set, ends_at)

        def wake_in() -> float:
            return max(0.0, min(ends_at, again_at) - self._clock.monotonic())

        feed = readings(self._store, self._clock, name, ends_at=ends_at, wake_in=wake_in)
        with closing(feed) as found:
            for application in found:
                if application is not None and not is_deleting(application):
                    break
                now = self._clock.monotonic()
                if now >= ends_at:
                    raise self._not_generated(application_set, name, timeout_seconds)
                if now >= again_at:
                    self._store.poke(application_set)
                    again_at = now + _POKE_AGAIN_SECONDS
        self._store.refresh(name)

    def _first_poke(self, application_set: str, ends_at: float) -> None:
        """One that was made a moment ago may not be known yet to the server that is asked."""
        known_by = min(ends_at, self._clock.monotonic() + _NEW_SET_SECONDS)
        while True:
            try:
                return self._store.poke(application_set)
            except NoSuchSetError:
                if self._clock.monotonic() >= known_by:
                    raise
            self._clock.wait(_LOOK_AGAIN_SECONDS)

    def wait_ready(
        self, name: str, revision: str, *, timeout_seconds: float, hold_seconds: float, on_status: OnStatus
    ) -> ApplicationStatus:
        """Wait until `revision` is synced and healthy, held.

        Args:
            name: The Application's.
            revision: The commit; empty where it is not known (a branch, a chart's version).
            timeout_seconds: For all of it.
            hold_seconds: How long healthy must hold.
            on_status: Called with each change of the verdict.

        Raises:
            NotHealthyError: With the diagnosis.
        """
        expectation = Expectation(
            name=name, revision=revision, timeout_seconds=timeout_seconds, hold_seconds=hold_seconds
        )
        return Wait(self._store, self._clock, expectation, self._problems).run(on_status)

    def delete(self, name: str, timeout_seconds: float, *, generated: bool) -> bool:
        """Stop a running sync, delete in cascade and wait; whether it existed.

        Raises:
            ArgoCdError: It is somebody else's, it does not go away, or its ApplicationSet makes it anew.
        """
        found = self._store.get(name)
        if found is None or self._is_foreign(found):
            return False
        return Deletion(self._store, self._clock, name, timeout_seconds, self._say).run(generated=generated)

    def applications(self) -> tuple[ApplicationInfo, ...]:
        """All Applications that belong to previews of the repository.

        Raises:
            ArgoCdError: They could not all be listed; never a part.
        """
        return tuple(_info(application) for application in self._store.list() if self._is_preview(application))

    def _is_preview(self, application: Object) -> bool:
        if self._is_foreign(application):
            return False
        labels = labels_of(application)
        generated = bool(self._application_set) and owner_set(application) == self._application_set
        return generated or NAME_LABEL in labels or labels.get(MANAGED_BY_LABEL) == MANAGER

    def _is_foreign(self, application: Object) -> bool:
        theirs = annotations_of(application).get(REPOSITORY_ANNOTATION, "")
        return bool(self._repository and theirs) and theirs != self._repository

    def _not_generated(self, application_set: str, name: str, seconds: float) -> ArgoCdError:
        found = self._store.application_set(application_set)
        if found is None:
            return no_such_set(application_set, self._store.namespace)
        said = [line for line in conditions_of(found) if not line.startswith("ResourcesUpToDate")]
        return ArgoCdError(
            f"ApplicationSet `{application_set}` did not make Application `{name}` in {seconds:.0f} s.",
            detail="\n".join(said),
            why="Its pull-request generator does not see this pull request (labels and branch filter must all "
            "match), cannot list pull requests, or names Applications otherwise.",
            fix=f"Look at the ApplicationSet's conditions; its template's name must come out as `{name}`.",
        )


def _info(application: Object) -> ApplicationInfo:
    metadata = application["metadata"]
    labels = labels_of(application)
    namespace = str(destination_of(application).get("namespace", ""))
    return ApplicationInfo(
        name=metadata["name"],
        environment=labels.get(NAME_LABEL) or namespace or metadata["name"],
        namespace=namespace,
        repository=annotations_of(application).get(REPOSITORY_ANNOTATION) or repository_of(application),
        labels=dict(labels),
        deleting=is_deleting(application),
        generated=bool(owner_set(application)),
        created_at=moment(metadata.get("creationTimestamp")),
    )
