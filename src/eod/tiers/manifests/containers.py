"""What changed in a Dockerfile, and whether a new one is a new service."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests.dockerfile import Instruction, directives, final_base, instructions
from eod.tiers.manifests.images import another_engine, image_of
from eod.tiers.manifests.sides import for_development, text_before
from eod.tiers.manifests.wording import listed, same, strictest_of
from eod.tiers.opinion import Opinion

_NAME: Final = re.compile(
    r"(?:Dockerfile|Containerfile)(?:[.-].*)?|.*\.(?:Dockerfile|Containerfile)", re.IGNORECASE
)
_FOR_PEOPLE: Final = frozenset({"LABEL", "MAINTAINER"})
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
_MOST: Final = 5_000
"""Instructions on either side that are compared."""


def is_dockerfile(name: str) -> bool:
    """Whether a file of this name is a Dockerfile."""
    return bool(_NAME.fullmatch(name[:200])) and not name.lower().endswith(
        (".dockerignore", ".md", ".go", ".py", ".ts")
    )


def judge_dockerfile(file: ChangedFile, case: Case) -> Opinion | None:
    """What a change of a Dockerfile means."""
    if file.added:
        return _added(file, case)
    if file.deleted:
        return Opinion(Tier.LIGHTWEIGHT, "image-build", "Removes the build of an image.")
    old, new = instructions(text_before(file)), instructions(file.new_text)
    if old == new and directives(text_before(file)) == directives(file.new_text):
        return Opinion(Tier.LIGHTWEIGHT, "moved", "Moves the Dockerfile.") if len(file.paths) > 1 else same()
    return strictest_of(_changed(old, new))


def judge_procfile(file: ChangedFile, case: Case) -> Opinion:
    """What a change of a Procfile means."""
    if file.added and not _existed(file.directory, case):
        return Opinion(Tier.FULL, "new-service", "A new service has never run anywhere.")
    return Opinion(Tier.LIGHTWEIGHT, "processes", "Changes how the application is started.")


def _changed(old: list[Instruction], new: list[Instruction]) -> Iterator[Opinion]:
    yield from _bases(old, new)
    names = _differing(old, new)
    if not names:
        yield Opinion(Tier.LIGHTWEIGHT, "image-build", "Changes how the Dockerfile is read: its syntax.")
    elif names <= _FOR_PEOPLE:
        yield Opinion(Tier.NONE, "description", f"Only {listed(sorted(names))} changed, which people read.")
    elif names <= {"FROM"}:
        yield Opinion(Tier.LIGHTWEIGHT, "image-version", "Builds on another version of its base image.")
    else:
        yield Opinion(Tier.LIGHTWEIGHT, "image-build", f"Changes how the image is built: {listed(sorted(names))}.")


def _bases(old: list[Instruction], new: list[Instruction]) -> Iterator[Opinion]:
    """A database's image is a database: another version of it, or anything else that is put into it."""
    was, now = image_of(final_base(old)), image_of(final_base(new))
    if "database" not in {was.role, now.role}:
        return
    if was.role != now.role or was.name != now.name or another_engine(was.tag, now.tag):
        steps = listed([f"{was.name}:{was.tag or 'latest'}"]), listed([f"{now.name}:{now.tag or 'latest'}"])
        yield Opinion(Tier.DATABASE, "database-engine", f"Builds on {steps[1]}, before on {steps[0]}.")
    elif not _differing(old, new) <= _FOR_PEOPLE | {"FROM"}:
        yield Opinion(Tier.DATABASE, "database-engine", f"Changes the image of a database, {listed([now.name])}.")


def _differing(old: list[Instruction], new: list[Instruction]) -> set[str]:
    """The names of instructions that only one side has."""
    old, new = old[:_MOST], new[:_MOST]
    blocks = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 1_000).get_opcodes()  # noqa: PLR2004
    return {
        each.name
        for tag, start, end, first, last in blocks
        if tag != "equal"
        for each in (*old[start:end], *new[first:last])
    }


def _added(file: ChangedFile, case: Case) -> Opinion:
    last = image_of(final_base(instructions(file.new_text)))
    if last.role == "database":
        return Opinion(
            Tier.DATABASE, "database-engine", f"Builds the image of a database on {listed([last.name])}."
        )
    if for_development(file):
        return Opinion(Tier.LIGHTWEIGHT, "image-build", "Adds an image for development, not a service.")
    if _existed(file.directory, case):
        return Opinion(Tier.LIGHTWEIGHT, "image-build", "Packages code that was there before.")
    if _brings_code(file.directory, case) or _has_siblings(file.directory, case):
        folder = file.directory.rpartition("/")[2]
        return Opinion(
            Tier.FULL, "new-service", f"Adds the service {listed([folder])}, which has never run anywhere."
        )
    return Opinion(Tier.LIGHTWEIGHT, "image-build", "Packages code that was there before.")


def _existed(directory: str, case: Case) -> bool:
    """Whether there was anything but sub-directories beside the file before."""
    if case.repository is None:
        return False
    entries = case.repository.base.entries(directory)
    return (
        bool(entries)
        if not directory
        else any(not each.endswith("/") for each in entries) or _holds_code(directory, entries, case)
    )


def _holds_code(directory: str, entries: tuple[str, ...], case: Case) -> bool:
    """Whether a directory that holds only others is that of one service, as `api/src/`."""
    assert case.repository is not None  # noqa: S101  # its caller looked
    return any(
        _is_code(name)
        for each in entries[:50]
        if each.endswith("/") and each.strip("/") in {"src", "cmd", "lib", "app", "pkg", "internal"}
        for name in case.repository.base.entries(f"{directory}/{each.strip('/')}")
    )


def _brings_code(directory: str, case: Case) -> bool:
    """Whether the change adds code in the same directory or beneath it."""
    inside = f"{directory}/"
    return any(each.added and each.path.startswith(inside) and _is_code(each.name) for each in case.files)


def _has_siblings(directory: str, case: Case) -> bool:
    """Whether the directories beside this one hold Dockerfiles: each of them is a service then."""
    parent = directory.rpartition("/")[0]
    if case.repository is None or not parent:
        return False
    base = case.repository.base
    beside = [each.strip("/") for each in base.entries(parent) if each.endswith("/")][:100]
    return any(
        is_dockerfile(name)
        for each in beside
        for name in base.entries(f"{parent}/{each}")
        if not name.endswith("/")
    )


def _is_code(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _CODE and "." in name
