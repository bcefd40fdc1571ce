"""Whether a new Dockerfile is a new service, or packages what is there."""

import re
from collections.abc import Iterator
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests.dockerfile import final_base, instructions
from eod.tiers.manifests.images import image_of
from eod.tiers.manifests.sides import for_development
from eod.tiers.manifests.wording import listed
from eod.tiers.opinion import Opinion
from eod.tiers.ports import Snapshot
from eod.tiers.rules import words_of

_NAME: Final = re.compile(
    r"(?:Dockerfile|Containerfile)(?:[.-].*)?|.*\.(?:Dockerfile|Containerfile)", re.IGNORECASE
)
_CODE: Final = frozenset(
    [
        "py",
        "rb",
        "go",
        "rs",
        "java",
        "kt",
        "scala",
        "cs",
        "fs",
        "js",
        "mjs",
        "cjs",
        "ts",
        "tsx",
        "jsx",
        "php",
        "ex",
        "exs",
        "clj",
        "c",
        "cc",
        "cpp",
        "swift",
        "dart",
        "hs",
        "ml",
        "lua",
        "pl",
        "vue",
        "svelte",
        "mod",
        "toml",
        "csproj",
        "gradle",
        "kts",
        "xml",
        "json",
    ]
)
_VARIANTS: Final = frozenset(
    (
        "alpine", "slim", "debian", "ubuntu", "bookworm", "bullseye", "trixie", "distroless", "scratch",
        "wolfi", "ubi", "rhel", "fedora", "rocky", "musl", "static", "arm", "armv", "amd", "x", "windows",
        "nanoserver", "linux", "gpu", "cuda", "cpu", "rocm", "prod", "production", "release", "staging",
        "build", "builder", "base", "multi", "multistage", "multiarch", "arch", "nightly", "full", "lite",
        "minimal", "rootless", "nonroot", "fips", "goreleaser", "example", "template", "sample", "old",
        "legacy", "bak", "v", "heroku", "fly", "railway", "cross", "optimized", "standalone", "py",
        "python", "node", "jdk", "jre", "java", "native", "jvm", "graal",
    )
)  # fmt: skip
"""Words for how an image is built, not for what runs in it."""

_DOCKERFILES: Final = frozenset({"dockerfile", "containerfile"})
_PACKAGING: Final = frozenset(
    {"docker", "build", "container", "containers", "deploy", "deployment", "package", "image"}
)
"""Directories of a service in which its image is built."""

_MOST_DIRECTORIES: Final = 300
_LEVELS: Final = 2
"""Directories under the root in which the repository's first Dockerfile is looked for."""


def is_dockerfile(name: str) -> bool:
    """Whether a file of this name is a Dockerfile."""
    return bool(_NAME.fullmatch(name[:200])) and not name.lower().endswith(
        (".dockerignore", ".md", ".go", ".py", ".ts")
    )


def judge_new_dockerfile(file: ChangedFile, case: Case) -> Opinion:
    """What a Dockerfile that was not there means."""
    last = image_of(final_base(instructions(file.new_text)))
    if last.role == "database":
        return Opinion(
            Tier.DATABASE, "database-engine", f"Builds the image of a database on {listed([last.name])}."
        )
    if for_development(file):
        return Opinion(Tier.LIGHTWEIGHT, "image-build", "Adds an image for development, not a service.")
    if case.repository is not None and not any(_dockerfiles(case.repository.base)):
        return Opinion(Tier.FULL, "new-service", "The first image of this repository has never run anywhere.")
    service = _of_another_service(file, case) or _service_of_directory(file.directory, case)
    if service:
        return Opinion(
            Tier.FULL, "new-service", f"Adds the service {listed([service])}, which has never run anywhere."
        )
    return Opinion(Tier.LIGHTWEIGHT, "image-build", "Packages code that was there before.")


def _service_of_directory(directory: str, case: Case) -> str:
    """The directory's name where what is built in it has never been; else nothing."""
    if _builds_image(directory, case):
        return ""
    home, _, last = directory.rpartition("/")
    packaged = f"/{last}" if home and last in _PACKAGING else ""
    service = home if packaged else directory
    is_new = _has_siblings(service, case, packaged) or (not existed(service, case) and _brings_code(service, case))
    return service.rpartition("/")[2] if is_new else ""


def existed(directory: str, case: Case) -> bool:
    """Whether there was anything but sub-directories beside the file before."""
    if case.repository is None:
        return False
    entries = case.repository.base.entries(directory)
    return (
        bool(entries)
        if not directory
        else any(not each.endswith("/") for each in entries) or _holds_code(directory, entries, case)
    )


def _dockerfiles(tree: Snapshot) -> Iterator[str]:
    """The Dockerfiles at the root and not far beneath it."""
    directories, level = [""], 0
    while directories and level <= _LEVELS:
        below = []
        for directory in directories[:_MOST_DIRECTORIES]:
            for entry in tree.entries(directory):
                path = f"{directory}/{entry}".lstrip("/")
                if entry.endswith("/"):
                    below.append(path.rstrip("/"))
                elif is_dockerfile(entry):
                    yield path
        directories, level = below, level + 1


def _holds_code(directory: str, entries: tuple[str, ...], case: Case) -> bool:
    """Whether a directory that holds only others is that of one service, as `api/src/`."""
    assert case.repository is not None  # noqa: S101  # its caller looked
    return any(
        _is_code(name)
        for each in entries[:50]
        if each.endswith("/") and each.strip("/") in {"src", "cmd", "lib", "app", "pkg", "internal"}
        for name in case.repository.base.entries(f"{directory}/{each.strip('/')}")
    )


def _builds_image(directory: str, case: Case) -> bool:
    """Whether there was a Dockerfile before."""
    return case.repository is not None and any(map(is_dockerfile, case.repository.base.entries(directory)))


def _of_another_service(file: ChangedFile, case: Case) -> str:
    """What `Dockerfile.worker` is for, where another image is built in the same directory; empty for a variant."""
    if case.repository is None:
        return ""
    known = [_named(name) for name in case.repository.base.entries(file.directory) if is_dockerfile(name)]
    named = _named(file.name)
    return "-".join(named) if known and named and named not in known else ""


def _named(name: str) -> list[str]:
    """What a Dockerfile's name says beyond how the image is built."""
    words = [word.rstrip("0123456789") for word in words_of(name).split("-")]
    return [word for word in words if word and word not in _VARIANTS and word not in _DOCKERFILES]


def _brings_code(directory: str, case: Case) -> bool:
    """Whether the change adds code in the same directory or beneath it."""
    inside = f"{directory}/"
    return any(each.added and each.path.startswith(inside) and _is_code(each.name) for each in case.files)


def _has_siblings(directory: str, case: Case, packaged: str = "") -> bool:
    """Whether the directories beside this one hold Dockerfiles, in `packaged` too: each is a service then."""
    parent = directory.rpartition("/")[0]
    if case.repository is None or not parent:
        return False
    base = case.repository.base
    beside = [each.strip("/") for each in base.entries(parent) if each.endswith("/")][:100]
    return any(
        is_dockerfile(name)
        for each in beside
        for where in dict.fromkeys(("", packaged))
        for name in base.entries(f"{parent}/{each}{where}")
        if not name.endswith("/")
    )


def _is_code(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _CODE and "." in name
