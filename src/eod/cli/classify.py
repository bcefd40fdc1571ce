"""`eod classify`: the verdict, from Git objects that are here; needs no network and no credentials."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from eod.cli.reading import DEFAULT_CONFIG, read_text
from eod.cli.spreading import LARGE, evidence_of
from eod.cli.verdict_text import examination_text, no_such_file, verdict_text
from eod.config import Config
from eod.config.loader import load
from eod.errors import UsageError
from eod.git.process import Git
from eod.git.source import GitSource
from eod.hcl.parser import HclProcess
from eod.model.tier import Verdict
from eod.tiers import classify, to_json
from eod.tiers.case import Case
from eod.tiers.classify import conclude
from eod.tiers.examine import Examination
from eod.tiers.explain import hear

_HCL = (".tf", ".tofu", ".tfvars", ".hcl", ".tf.json", ".tofu.json")


class Asked(Struct, frozen=True, kw_only=True):
    """What `eod classify` is asked: the commits, and what overrules what they say."""

    repository: Path
    base: str
    head: str
    config: Path | None = None
    labels: tuple[str, ...] = ()
    tier: str | None = None


class Classification:
    """What `head` changes since it left `base`, ready to be judged. Close it to end its processes.

    Raises:
        UsageError: The repository is no Git repository, or the configuration cannot be read.
        ConfigError: The configuration cannot be used.
        GitError: A commit is not here.
    """

    def __init__(self, environ: Mapping[str, str], asked: Asked, state: Path) -> None:
        if not asked.repository.is_dir():
            raise UsageError(
                f"{asked.repository} is not a directory.", fix="Pass a clone of your repository as --repo."
            )
        source = GitSource(Git(directory=asked.repository, environment=environ), state)
        self.config = configuration(source, asked.base, asked.config)
        self._asked = asked
        self._changes = source.changes(asked.base, asked.head)
        self._sides = source.sides(self._changes)
        self._hcl = HclProcess(environ)
        self._environ, self._state = environ, state
        if any(file.path.endswith(_HCL) for file in self._changes.files):
            self._hcl.prepare()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sides.close()
        self._hcl.close()

    def verdict(self) -> Verdict:
        """The tier, and why."""
        asked = self._asked
        if len(self._changes.files) >= LARGE:
            evidence = evidence_of(
                self._changes,
                self.config,
                repository=asked.repository.absolute(),
                environ=self._environ,
                state=self._state,
            )
            return conclude(evidence, self.config, labels=asked.labels, forced=asked.tier)
        return classify(
            self._changes, self.config, self._sides, hcl=self._hcl, labels=asked.labels, forced=asked.tier
        )

    def examination(self, path: str) -> Examination | None:
        """What every examiner says about one changed file; `None` if it did not change."""
        return hear(Case(self._changes, self.config, self._sides, self._hcl), path)


def show(classification: Classification, *, explained: str | None, markdown: bool, as_json: bool) -> str:
    """What the command prints: one file's examination, Markdown, JSON, or a table for people.

    Raises:
        UsageError: `explained` names a file that did not change, or two forms are asked for at once.
    """
    if [explained is not None, markdown, as_json].count(True) > 1:
        raise UsageError("--explain, --markdown and --json exclude one another.", fix="Leave all but one out.")
    if explained is not None:
        examination = classification.examination(explained)
        if examination is None:
            raise no_such_file(explained, classification.verdict())
        return examination_text(examination)
    verdict = classification.verdict()
    if as_json:
        return to_json(verdict)
    if markdown:
        from eod.reports.renderer import Renderer

        return Renderer().verdict(verdict)
    return verdict_text(verdict, classification.config)


def configuration(source: GitSource, base: str, path: Path | None) -> Config:
    """The named file, else the base commit's, else the built-in defaults."""
    if path is not None:
        return load(read_text(path), str(path))
    committed = source.show(base, DEFAULT_CONFIG)
    if committed is None:
        return Config(domain="preview.example.com")
    return load(committed.decode("utf-8", "replace"), DEFAULT_CONFIG)
