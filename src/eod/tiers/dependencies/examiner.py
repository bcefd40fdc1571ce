"""Judges changes of manifests and lock files."""

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.dependencies.documents import read_manifest, runs_nothing
from eod.tiers.dependencies.ecosystems import Ecosystem, place_of
from eod.tiers.dependencies.packages import packages_in
from eod.tiers.dependencies.versions import Step, moves
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion
from eod.tiers.sensitive.sdks import sdk_subject

RULE = "dependencies"
_WORDS = {Step.PATCH: "a patch", Step.MINOR: "a minor version", Step.MAJOR: "a major version"}
_SUBJECTS = {"payment", "identity"}
_SHOWN = 3


def dependencies(file: ChangedFile, _case: Case) -> Opinion | None:
    """What a manifest's or lock file's change asks for; `None` for other files.

    Other versions need a new image and no infrastructure; the first driver of a database needs the database.
    A lock file alone never weighs more: what it follows from stands in a manifest.
    """
    place = place_of(file.path)
    if place is None:
        return None
    if place.lock:
        return Opinion(Tier.LIGHTWEIGHT, RULE, "A lock file: other versions of libraries need a new image only.")
    if not file.readable:
        return Opinion(Tier.LIGHTWEIGHT, RULE, "Other versions of libraries need a new image only.")
    return _manifest(file, place.ecosystem)


def _manifest(file: ChangedFile, ecosystem: Ecosystem) -> Opinion:
    read = read_manifest(file.path, file.old_text, file.new_text)
    if read is not None and file.old is not None and runs_nothing(file.path, read.changed):
        return Opinion(Tier.NONE, "tool-settings", f"Only what does not run changed: {_listing(read.changed)}.")
    if read is not None and read.before is not None and read.after is not None:
        before, after = read.before, read.after
    else:
        before = packages_in(file.old_text, ecosystem.comment)
        after = packages_in(file.new_text, ecosystem.comment)
    return _arrivals(ecosystem, before, after) or Opinion(Tier.LIGHTWEIGHT, RULE, _versions(file))


def _arrivals(ecosystem: Ecosystem, before: frozenset[str], after: frozenset[str]) -> Opinion | None:
    """Packages that come or go and change what an environment needs: SDKs of sensitive subjects, then drivers."""
    for verb, names in (("Adds", after - before), ("Removes", before - after)):
        for name in sorted(names):
            subject = sdk_subject(ecosystem.name, name)
            if subject in _SUBJECTS:
                return Opinion(Tier.FULL, "sensitive-sdk", f"{verb} `{name}`, an SDK of {subject}.")
    had = {name for name in before if ecosystem.is_driver(name)}
    has = {name for name in after if ecosystem.is_driver(name)}
    if has - had:
        return Opinion(Tier.DATABASE, "database-driver", f"Adds {_listing(has - had)}, which talks to a database.")
    if had - has:
        return Opinion(
            Tier.DATABASE, "database-driver", f"Removes {_listing(had - has)}, which talks to a database."
        )
    return None


def _versions(file: ChangedFile) -> str:
    moved = moves(file.lines)
    known = [move for move in moved if move.step is not Step.OTHER]
    if not known:
        return "What it depends on changes: that needs a new image, no infrastructure of its own."
    furthest = max(known, key=lambda move: move.step)
    count = "One version moves" if len(known) == 1 else f"{len(known)} versions move"
    return f"{count}, by {_WORDS[furthest.step]} at most ({furthest.before} to {furthest.after})."


def _listing(names: "set[str] | tuple[str, ...]") -> str:
    shown = sorted(names)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in shown[:_SHOWN]) + more
