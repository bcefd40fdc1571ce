"""Who reads a file: by its name, else by what it holds."""

import re
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests import containers, manifest
from eod.tiers.manifests.helm import is_values, judge_helm
from eod.tiers.manifests.newness import is_dockerfile
from eod.tiers.manifests.sides import for_tests, moved
from eod.tiers.manifests.survey import KUSTOMIZATIONS, MANIFESTS, survey
from eod.tiers.manifests.wording import unreadable
from eod.tiers.opinion import Opinion

_COMPOSE: Final = re.compile(r"(?:.*[-_.])?(?:docker-?)?compose(?:[-_.].*)?\.ya?ml", re.IGNORECASE)
_TEST_DIRECTORIES: Final = frozenset({".chainsaw-test", ".kyverno-test", ".kuttl", ".chainsaw"})
_DEV_TOOLS: Final = re.compile(
    r"skaffold.*\.ya?ml|Tiltfile|devspace.*\.ya?ml|docker-bake.*\.(?:hcl|json)|(?:.*\.)?dockerignore|garden\.ya?ml|"
    r".*\.garden\.ya?ml|okteto\.ya?ml|werf.*\.ya?ml",
    re.IGNORECASE,
)
_LONGEST: Final = 200


def ask(file: ChangedFile, case: Case) -> Opinion | None:
    """What is said about a manifest, a chart, a kustomization, a Compose file or a Dockerfile."""
    if case.repository is None or file.submodule or file.symlink:
        return None
    if _TEST_DIRECTORIES & set(file.directory.split("/")) or survey(case).tests_policies(file):
        return Opinion(Tier.NONE, "policy-tests", "Tests of policies never reach a cluster.")
    return _by_name(file, case) or _by_content(file, case)


def ask_place(file: ChangedFile, case: Case) -> Opinion | None:
    """What is said about any other file of a chart or a kustomization: it is mounted or copied with the rest."""
    if case.repository is None:
        return None
    seen = survey(case)
    if seen.chart_root(file.directory) is not None or seen.kustomized(file.directory):
        return Opinion(
            Tier.LIGHTWEIGHT, "deployment", "A file of a chart or kustomization is tried in a namespace."
        )
    return None


def _by_name(file: ChangedFile, case: Case) -> Opinion | None:
    name = file.name[:_LONGEST]
    if is_dockerfile(name) or _COMPOSE.fullmatch(name):
        return _of_images(file, case)
    if name == "Procfile":
        return containers.judge_procfile(file, case)
    if name in KUSTOMIZATIONS and not moved(file):
        return _unless_unreadable(file) or manifest.judge_kustomization_file(file, case)
    return _of_tools(name) or judge_helm(file, case)


def _of_tools(name: str) -> Opinion | None:
    if name.endswith("_test.rego"):
        return Opinion(Tier.NONE, "policy-tests", "Tests of policies never reach a cluster.")
    if name.endswith(".rego"):
        return Opinion(Tier.FULL, "admission-policy", "Policies decide what may run.")
    if _DEV_TOOLS.fullmatch(name):
        return Opinion(Tier.LIGHTWEIGHT, "dev-tools", "A tool of developers, or what is copied into an image.")
    return None


def _of_images(file: ChangedFile, case: Case) -> Opinion | None:
    if for_tests(file):
        return Opinion(Tier.NONE, "test-setup", "Images and services of tests run in CI, not in an environment.")
    unread = _unless_unreadable(file)
    if unread is not None:
        return unread
    if is_dockerfile(file.name):
        return containers.judge_dockerfile(file, case)
    return manifest.judge_compose_file(file)


def _by_content(file: ChangedFile, case: Case) -> Opinion | None:
    if not file.path.endswith(MANIFESTS):
        return None
    if file.path.endswith((".yaml", ".yml")) and not is_values(file.name):
        problem = _unless_unreadable(file)
        if problem is not None:
            return problem
    return manifest.judge(file, case)


def _unless_unreadable(file: ChangedFile) -> Opinion | None:
    sides = [side for side in (file.old, file.new) if side is not None]
    if any(side.too_large for side in sides):
        return unreadable(f"it has {max(side.size for side in sides):,} bytes")
    return unreadable("it is binary") if any(side.text is None for side in sides) else None
