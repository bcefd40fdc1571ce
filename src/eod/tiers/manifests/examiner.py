"""Who reads a file: by its name, else by what it holds."""

import re
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests import containers, manifest
from eod.tiers.manifests.helm import is_values, judge_helm
from eod.tiers.manifests.survey import MANIFESTS, survey
from eod.tiers.manifests.wording import unreadable
from eod.tiers.opinion import Opinion
from eod.tiers.rules import words_of

_COMPOSE: Final = re.compile(r"(?:.*[-_.])?(?:docker-?)?compose(?:[-_.].*)?\.ya?ml", re.IGNORECASE)
_TEST_DIRECTORIES: Final = frozenset({".chainsaw-test", ".kyverno-test", ".kuttl", ".chainsaw"})
_TEST_WORDS: Final = frozenset({"test", "tests", "testing", "ci", "e2e", "integration"})
_DEV_TOOLS: Final = re.compile(
    r"skaffold.*\.ya?ml|Tiltfile|devspace.*\.ya?ml|docker-bake.*\.(?:hcl|json)|(?:.*\.)?dockerignore|garden\.ya?ml|"
    r".*\.garden\.ya?ml|okteto\.ya?ml|werf.*\.ya?ml",
    re.IGNORECASE,
)


def ask(file: ChangedFile, case: Case) -> Opinion | None:
    """What is said about a manifest, a chart, a kustomization, a Compose file or a Dockerfile."""
    if case.repository is None or file.submodule or file.symlink:
        return None
    if _TEST_DIRECTORIES & set(file.directory.split("/")):
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
    name = file.name
    if name.endswith(".rego"):
        if name.endswith("_test.rego"):
            return Opinion(Tier.NONE, "policy-tests", "Tests of policies never reach a cluster.")
        return Opinion(Tier.FULL, "admission-policy", "Policies decide what may run.")
    if _DEV_TOOLS.fullmatch(name[:200]):
        return Opinion(Tier.LIGHTWEIGHT, "dev-tools", "A tool of developers, or what is copied into an image.")
    if containers.is_dockerfile(name):
        return _unless_unreadable(file) or containers.judge_dockerfile(file, case)
    if name == "Procfile":
        return containers.judge_procfile(file, case)
    if _COMPOSE.fullmatch(name[:200]):
        if _TEST_WORDS & set(words_of(name).split("-")):
            return Opinion(Tier.NONE, "test-setup", "Services of tests run in CI, not in an environment.")
        return _unless_unreadable(file) or manifest.judge_compose_file(file)
    return judge_helm(file, case)


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
