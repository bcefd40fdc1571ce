"""Infrastructure outside Terraform's own files: programs that build it, policies, what Terraform reads."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from eod.model.tier import Tier
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion

RULE: Final = "infrastructure-code"
_HEAD: Final = 20_000
"""Characters of a program in which its imports are looked for."""
_PROGRAMS: Final = {
    ("ts", "mts", "js", "mjs", "tsx"): (
        r"""\b(?:from|import|require)\b[\s(]*["'](aws-cdk-lib|@aws-cdk/|@pulumi/|cdktf|@cdktf/|cdk8s|constructs["'/])"""
    ),
    ("py",): r"^[ \t]*(?:from|import)[ \t]+(aws_cdk|pulumi|cdktf|cdk8s|troposphere|constructs)(?=[\s._,])",
    ("go",): r'"(github\.com/(?:aws/aws-cdk-go|pulumi/pulumi|hashicorp/terraform-cdk-go|aws/constructs-go))',
    ("java", "kt", "scala"): r"^[ \t]*import (software\.amazon\.awscdk|com\.pulumi|com\.hashicorp\.cdktf)\b",
    ("cs", "fs"): r"^[ \t]*(?:using|open) (Amazon\.CDK|Pulumi|HashiCorp\.Cdktf)\b",
}
"""What imports CDK, Pulumi, CDK for Terraform and troposphere, by the manuals of these tools."""
_POLICY: Final = re.compile(r'"Statement"\s*:|"Effect"\s*:\s*"(?:Allow|Deny)"|"(?:Not)?Action"\s*:')
_POLICY_PARTS: Final = 3
_DOCUMENTS: Final = (".json", ".json.tpl", ".json.tftpl", ".json.j2")

_READS: Final = re.compile(
    r'\b(?:templatefile|file|filebase64|file(?:base64)?sha\d+|filemd5)\(\s*"([^"\n]{1,400})"'
)
_ABOVE: Final = 3
"""Directories above a file in which Terraform may read it."""
_FILES: Final = 40
_LARGEST: Final = 256 << 10
_DIRECTORIES: Final = 300
"""Bounds on what is read of directories, files and bytes for the whole pull request."""


def infrastructure(file: ChangedFile, case: Case) -> Opinion | None:
    """`full` for what decides how infrastructure is built though it is not HCL; `None` for all else."""
    if not file.readable or file.symlink:
        return None
    return _program(file) or _policy(file) or _read_by_terraform(file, case)


def _program(file: ChangedFile) -> Opinion | None:
    imports = _imports().get(file.name.rpartition(".")[2])
    if imports is None:
        return None
    for text in (file.new_text, file.old_text):
        found = imports.search(text[:_HEAD])
        if found:
            name = found[1].strip("\"'/")
            return Opinion(Tier.FULL, RULE, f"A program that builds infrastructure: it imports `{name}`.")
    return None


def _policy(file: ChangedFile) -> Opinion | None:
    if not file.name.endswith(_DOCUMENTS):
        return None
    parts = {match[0].split(":")[0] for match in _POLICY.finditer((file.new_text or file.old_text)[:_LARGEST])}
    if len({part.replace("Not", "") for part in parts}) < _POLICY_PARTS:
        return None
    return Opinion(Tier.FULL, "access-policy", "A policy document: who may do what in the cloud.")


def _read_by_terraform(file: ChangedFile, case: Case) -> Opinion | None:
    readers = case.kept("terraform-readers", _Readers)
    for directory in _upward(file.directory):
        reader = readers.of(directory).get(file.name)
        if reader is not None:
            return Opinion(Tier.FULL, RULE, f"Terraform builds with it: `{reader}` reads it.")
    return None


class _Readers:
    """Which files the Terraform of each directory reads, by their names."""

    def __init__(self, case: Case) -> None:
        self._snapshot = None if case.repository is None else case.repository.head
        self._known: dict[str, dict[str, str]] = {}

    def of(self, directory: str) -> dict[str, str]:
        """The names of files that are read, each with the file of Terraform that does."""
        if directory not in self._known:
            full = self._snapshot is None or len(self._known) >= _DIRECTORIES
            self._known[directory] = {} if full else dict(self._reads(directory))
        return self._known[directory]

    def _reads(self, directory: str) -> Iterator[tuple[str, str]]:
        snapshot = self._snapshot
        if snapshot is None:
            return
        sources = [name for name in snapshot.entries(directory) if name.endswith((".tf", ".tofu"))]
        for name in sources[:_FILES]:
            blob = snapshot.read(f"{directory}/{name}" if directory else name)
            if blob is None or blob.data is None or blob.size > _LARGEST:
                continue
            for match in _READS.finditer(blob.data.decode("utf-8", "replace")):
                yield match[1].rpartition("/")[2], name


def _upward(directory: str) -> list[str]:
    folders = [directory]
    while directory and len(folders) <= _ABOVE:
        directory = directory.rpartition("/")[0]
        folders.append(directory)
    return folders


@cache
def _imports() -> dict[str, re.Pattern[str]]:
    return {
        extension: re.compile(pattern, re.MULTILINE)
        for extensions, pattern in _PROGRAMS.items()
        for extension in extensions
    }
