"""What changed in a Dockerfile, and whether a new one is a new service."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.manifests.dockerfile import Instruction, directives, final_base, instructions
from eod.tiers.manifests.images import another_engine, image_of
from eod.tiers.manifests.newness import existed, judge_new_dockerfile
from eod.tiers.manifests.sides import text_before
from eod.tiers.manifests.wording import listed, same, strictest_of
from eod.tiers.opinion import Opinion

_FOR_PEOPLE: Final = frozenset({"LABEL", "MAINTAINER"})
_MOST: Final = 5_000
"""Instructions on either side that are compared."""


def judge_dockerfile(file: ChangedFile, case: Case) -> Opinion | None:
    """What a change of a Dockerfile means."""
    if file.added:
        return judge_new_dockerfile(file, case)
    if file.deleted:
        return Opinion(Tier.LIGHTWEIGHT, "image-build", "Removes the build of an image.")
    old, new = instructions(text_before(file)), instructions(file.new_text)
    if old == new and directives(text_before(file)) == directives(file.new_text):
        return Opinion(Tier.LIGHTWEIGHT, "moved", "Moves the Dockerfile.") if len(file.paths) > 1 else same()
    return strictest_of(_changed(old, new))


def judge_procfile(file: ChangedFile, case: Case) -> Opinion:
    """What a change of a Procfile means."""
    if file.added and not existed(file.directory, case):
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
