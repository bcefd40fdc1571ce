"""`eod classify`: the verdict, from Git objects that are here; needs no network and no credentials."""

from collections.abc import Mapping
from pathlib import Path

from eod.config import Config
from eod.config.loader import load
from eod.errors import UsageError
from eod.git.process import Git
from eod.git.source import GitSource
from eod.model.tier import Verdict
from eod.tiers import classify

DEFAULT_CONFIG = ".github/eod.yml"


def verdict_of(
    environ: Mapping[str, str],
    *,
    repository: Path,
    base: str,
    head: str,
    config: Path | None,
    labels: tuple[str, ...],
    tier: str | None,
    state: Path,
) -> Verdict:
    """Classify what `head` changes since it left `base`.

    Raises:
        UsageError: `repository` is no Git repository, or `config` cannot be read.
        ConfigError: The configuration cannot be used.
        GitError: A commit is not here.
    """
    if not repository.is_dir():
        raise UsageError(f"{repository} is not a directory.", fix="Pass a clone of your repository as --repo.")
    source = GitSource(Git(directory=repository, environment=environ), state)
    settings = configuration(source, base, config)
    changes = source.changes(base, head)
    with source.sides(changes) as content:
        return classify(changes, settings, content, labels=labels, forced=tier)


def configuration(source: GitSource, base: str, path: Path | None) -> Config:
    """The named file, else the base commit's, else the built-in defaults."""
    if path is not None:
        return load(read_text(path), str(path))
    committed = source.show(base, DEFAULT_CONFIG)
    if committed is None:
        return Config(domain="preview.example.com")
    return load(committed.decode("utf-8", "replace"), DEFAULT_CONFIG)


def read_text(path: Path) -> str:
    """The file's text.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The configuration cannot be read: {error.strerror}.",
            fix="Pass the path of a file as --config, or leave it out.",
            where=str(path),
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            "The configuration is not UTF-8 text.", fix="Save it as UTF-8.", where=str(path)
        ) from error
