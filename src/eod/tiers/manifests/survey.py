"""What is known beside the file itself: where objects moved, which images run already, what belongs to a chart."""

import posixpath
import re
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary

from eod.tiers.case import Case
from eod.tiers.file import ChangedFile, decode
from eod.tiers.manifests.context import Context
from eod.tiers.manifests.documents import only_in
from eod.tiers.manifests.objects import KubernetesObject, might_hold_objects, objects_in
from eod.tiers.manifests.sides import moved, text_before
from eod.tiers.ports import Snapshot

MANIFESTS: Final = (".yaml", ".yml", ".json", ".tpl", ".gotmpl", ".tmpl", ".j2")
KUSTOMIZATIONS: Final = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
"""The names that Kustomize looks for: https://kubectl.docs.kubernetes.io/references/kustomize/glossary/."""
_KYVERNO_TEST: Final = re.compile(r"(?:kyverno-test|chainsaw-(?:test|step)[A-Za-z0-9_-]*)\.ya?ml")
_KYVERNO_RESOURCE: Final = re.compile(
    r"(?:resource|patched|generated|values|user_?info|test-)[A-Za-z0-9_-]*\.ya?ml", re.IGNORECASE
)
_KUTTL_STEP: Final = re.compile(r"[0-9]{2}-")
_KUTTL_ASSERT: Final = re.compile(r"[0-9]{2}-(?:assert|errors)\.ya?ml")
_MOST_SIBLINGS: Final = 40
_MOST_BYTES: Final = 300_000
_HIGHEST: Final = 8
"""Directories upwards in which a chart is looked for."""

Identity = tuple[str | None, str, str, str]


class Survey:
    """What a pull request's changes and trees tell about manifests, looked up when it is needed."""

    def __init__(self, case: Case) -> None:
        self._files = case.files
        self._paths = case.by_path
        self._trees = (case.repository.head, case.repository.base) if case.repository else ()
        self._entries: dict[tuple[int, str], frozenset[str]] = {}

    def context(self, file: ChangedFile) -> Context:
        """What objects in `file` are compared with."""
        return Context(
            came_from=lambda each: self._elsewhere(each, file, self._gone),
            went_to=lambda each: self._elsewhere(each, file, self._come),
            knows_image=lambda image: self._runs_beside(image, file),
            changed_path=lambda path: self._belongs(path, file),
            same_chart=self.same_chart(file),
            kustomization=file.name in KUSTOMIZATIONS,
        )

    def chart_root(self, directory: str) -> str | None:
        """The directory of the chart that `directory` belongs to."""
        return self._upwards(directory, frozenset({"Chart.yaml", "Chart.yml"}))

    def same_chart(self, file: ChangedFile) -> bool:
        """Whether all its paths belong to one chart."""
        roots = {self.chart_root(path.rpartition("/")[0]) for path in file.paths}
        return len(roots) == 1 and None not in roots

    def kustomized(self, directory: str) -> bool:
        """Whether a kustomization stands in `directory` or right above it."""
        return self._upwards(directory, KUSTOMIZATIONS, highest=3) is not None

    def tests_policies(self, file: ChangedFile) -> bool:
        """Whether a file belongs to a test of Kyverno's or KUTTL's, by the names of those beside it.

        The names are those of https://kyverno.io/docs/testing-policies/ and https://kuttl.dev/docs/kuttl-test-harness.html.
        """
        if _KYVERNO_TEST.fullmatch(file.name):
            return True
        if _KYVERNO_RESOURCE.fullmatch(file.name):
            return any(_KYVERNO_TEST.fullmatch(name) for name in self._beside(file))
        return bool(_KUTTL_STEP.match(file.name)) and any(map(_KUTTL_ASSERT.fullmatch, self._beside(file)))

    def _beside(self, file: ChangedFile) -> frozenset[str]:
        return frozenset(
            name for number in range(len(self._trees)) for name in self._names(number, file.directory)
        )

    def _upwards(self, directory: str, names: frozenset[str], highest: int = _HIGHEST) -> str | None:
        for _ in range(highest):
            if any(names & self._names(number, directory) for number in range(len(self._trees))):
                return directory
            if not directory:
                return None
            directory = directory.rpartition("/")[0]
        return None

    def _names(self, tree: int, directory: str) -> frozenset[str]:
        key = tree, directory
        if key not in self._entries:
            self._entries[key] = frozenset(self._trees[tree].entries(directory))
        return self._entries[key]

    @cached_property
    def _gone(self) -> dict[Identity, list[ChangedFile]]:
        return self._index(0)

    @cached_property
    def _come(self) -> dict[Identity, list[ChangedFile]]:
        return self._index(1)

    def _index(self, side: int) -> dict[Identity, list[ChangedFile]]:
        """Files by the objects that only one of their sides has. The objects are not kept: there may be many."""
        found: dict[Identity, list[ChangedFile]] = {}
        for file in self._files:
            ours = self._objects(file, side)
            have = {each.identity for each in self._objects(file, 1 - side)} if ours else set()
            for each in ours:
                if each.identity not in have:
                    found.setdefault(each.identity, []).append(file)
        return found

    def _objects(self, file: ChangedFile, side: int) -> list[KubernetesObject]:
        if not file.path.endswith(MANIFESTS) or moved(file):
            return []
        texts = text_before(file), file.new_text
        if not might_hold_objects(texts[side]):
            return []
        return objects_in(only_in(texts[side], texts[1 - side]))

    def _elsewhere(
        self, each: KubernetesObject, file: ChangedFile, index: dict[Identity, list[ChangedFile]]
    ) -> KubernetesObject | None:
        others = [other for other in index.get(each.identity, []) if other is not file]
        if "{{" in each.name:
            # Charts give the same name to what is not the same.
            root = self.chart_root(file.directory)
            others = [other for other in others if self.chart_root(other.directory) == root]
        if not others or not each.name:
            return None
        side = 0 if index is self._gone else 1
        objects = self._objects(others[0], side)
        return next((other for other in objects if other.identity == each.identity), None)

    def _runs_beside(self, image: str, file: ChangedFile) -> bool:
        """Whether another manifest in the same directory names `image`."""
        if not self._trees:
            return False
        head = self._trees[0]
        names = [name for name in head.entries(file.directory) if name.endswith(MANIFESTS) and name != file.name]
        return any(image in _text(head, posixpath.join(file.directory, name)) for name in names[:_MOST_SIBLINGS])

    def _belongs(self, path: str, file: ChangedFile) -> bool:
        """Whether a path, relative to `file`, was changed too: itself, or something beneath it."""
        full = posixpath.normpath(posixpath.join(file.directory, path))
        return full in self._paths or any(each.startswith(f"{full}/") for each in self._paths)


_SURVEYS: "WeakKeyDictionary[Case, Survey]" = WeakKeyDictionary()


def survey(case: Case) -> Survey:
    """The survey of a case, one for all its files."""
    found = _SURVEYS.get(case)
    if found is None:
        found = _SURVEYS[case] = Survey(case)
    return found


def _text(tree: Snapshot, path: str) -> str:
    blob = tree.read(path)
    if blob is None or blob.data is None or blob.size > _MOST_BYTES:
        return ""
    return decode(blob.data) or ""
