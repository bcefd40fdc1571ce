"""Two trees in memory, and what the classifier says of the difference."""

import hashlib

from eod.config import Config, Terraform
from eod.model.blob import Blob
from eod.model.change import ChangeKind, ChangeSet, FileChange
from eod.tiers import classify
from eod.tiers.case import Case

CONFIG = Config(domain="preview.example.com", terraform=Terraform(directory="infra"))
LIMIT = 8 << 20


def raw(content):
    return content.encode() if isinstance(content, str) else content


def name_of(content):
    return hashlib.sha1(raw(content)).hexdigest()


class MemorySnapshot:
    def __init__(self, files):
        self.files = files

    def read(self, path):
        content = self.files.get(path)
        if content is None:
            return None
        data = raw(content)
        return Blob(len(data), data if len(data) <= LIMIT else None)

    def entries(self, directory):
        start = f"{directory}/" if directory else ""
        inside = [path[len(start) :] for path in self.files if path.startswith(start)]
        return tuple(sorted({part.split("/")[0] + ("/" if "/" in part else "") for part in inside}))


class MemoryRepository:
    """`before` and `after` map paths to contents (text or bytes)."""

    def __init__(self, before, after):
        self.base, self.head = MemorySnapshot(before), MemorySnapshot(after)
        self.ahead: tuple[str, ...] = ()
        self._blobs = {name_of(each): raw(each) for each in (*before.values(), *after.values())}

    def read_ahead(self, names):
        self.ahead = tuple(names)

    def blob(self, name):
        data = self._blobs.get(name)
        return None if data is None else Blob(len(data), data if len(data) <= LIMIT else None)


def change_set(before, after, renames=None):
    """What git would list; `renames` maps new paths to old ones."""
    renames = renames or {}
    moved = set(renames.values())
    files = []
    for path in sorted({*before, *after} - moved):
        old_path = renames.get(path)
        old, new = before.get(old_path or path), after.get(path)
        if old_path is None and old == new:
            continue
        kind = (
            ChangeKind.RENAMED
            if old_path
            else ChangeKind.ADDED
            if old is None
            else ChangeKind.DELETED
            if new is None
            else ChangeKind.MODIFIED
        )
        files.append(
            FileChange(
                path=path,
                old_path=old_path,
                kind=kind,
                old_blob="" if old is None else name_of(old),
                new_blob="" if new is None else name_of(new),
                old_mode="" if old is None else "100644",
                new_mode="" if new is None else "100644",
                similarity=90 if old_path else 0,
            )
        )
    return ChangeSet(base="b", head="h", merge_base="b", files=tuple(files))


def judge(before, after, *, config=CONFIG, renames=None, hcl=None, labels=(), forced=None):
    """The verdict on what turns the tree `before` into `after`."""
    changes = change_set(before, after, renames)
    repository = MemoryRepository(before, after)
    return classify(changes, config, repository, hcl=hcl, labels=labels, forced=forced)


def evidence_of(path, old, new, *, beside=None, config=CONFIG, hcl=None):
    """The evidence on one file: `old` or `new` is `None` where it did not exist. `beside` are unchanged files."""
    before = {**(beside or {}), **({} if old is None else {path: old})}
    after = {**(beside or {}), **({} if new is None else {path: new})}
    (evidence,) = judge(before, after, config=config, hcl=hcl).evidence
    return evidence


def tier_of(path, old, new, **options):
    return str(evidence_of(path, old, new, **options).tier)


def case_of(before, after, *, config=CONFIG, renames=None, hcl=None):
    """The case that examiners are asked about."""
    return Case(change_set(before, after, renames), config, MemoryRepository(before, after), hcl)
