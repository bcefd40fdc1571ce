"""`eod simulate`: the repository's own history under these tiers, and under others."""

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from msgspec import Struct

import eod
from eod import __version__
from eod.cli.classify import configuration
from eod.cli.reading import read_text
from eod.cli.replaying import Job, Memory, replay
from eod.config import Config
from eod.config.loader import load
from eod.errors import UsageError
from eod.git.history import Walk, past_changes
from eod.git.process import Git
from eod.git.source import GitSource
from eod.model.history import Judged
from eod.reports.tables import progress
from eod.simulation import Simulation, simulate

_AGE = re.compile(r"(\d{1,5})\s*(d|w|m|y|h)?")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}


class Wish(Struct, frozen=True, kw_only=True):
    """What `eod simulate` is asked."""

    repository: Path
    tip: str
    since: str
    walk: Walk
    limit: int
    jobs: int | None
    config: Path | None
    against: Path | None
    cache: Path | None


def show(wish: Wish, environ: Mapping[str, str], *, page: Path | None, as_json: bool) -> str:
    """What the command prints: tables, or JSON; and the page with charts, where one is wanted.

    Raises:
        UsageError: The page cannot be written, or an option cannot be used.
        ConfigError: A configuration cannot be used.
        GitError: There is no such commit.
    """
    from eod.reports.simulation import About, simulation_json, simulation_page, simulation_text

    now = datetime.now(UTC)
    simulation = run(wish, environ, now)
    since = now - age(wish.since)
    if simulation.changes == wish.limit and simulation.weeks:
        since = max(since, datetime.combine(simulation.weeks[0].monday, time(), UTC))
    about = About(
        repository=wish.repository.resolve().name,
        since=since,
        until=now,
        against="" if wish.against is None else wish.against.name,
    )
    if page is not None:
        _write(page, simulation_page(simulation, about))
    if as_json:
        return simulation_json(simulation, about)
    return simulation_text(simulation, about, shutil.get_terminal_size((110, 24)).columns)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The page cannot be written: {error.strerror}.", fix="Pass another path as --html.", where=str(path)
        ) from error


def run(wish: Wish, environ: Mapping[str, str], now: datetime) -> Simulation:
    """The report.

    Raises:
        UsageError: `since` is no length of time, or the repository is none.
        ConfigError: A configuration cannot be used.
        GitError: There is no such commit.
    """
    if not wish.repository.is_dir():
        raise UsageError(
            f"{wish.repository} is not a directory.", fix="Pass a clone of your repository as --repo."
        )
    git = Git(directory=wish.repository, environment=environ)
    changes = past_changes(git, wish.tip, now - age(wish.since), wish.walk, wish.limit)
    with tempfile.TemporaryDirectory(prefix="eod-") as state:
        source = GitSource(git, Path(state))
        config = configuration(source, wish.tip, wish.config)
        other = None if wish.against is None else load(read_text(wish.against), str(wish.against))
        total = len(changes) * (1 if other is None else 2)
        with progress(sys.stderr, "judging", total) as on_done:

            def judged(under: Config) -> dict[str, Judged]:
                job = Job(
                    repository=wish.repository.resolve(), environ=dict(environ), config=under, state=Path(state)
                )
                memory = Memory(_memory(wish, environ, under))
                return replay(job, changes, memory, jobs=wish.jobs, on_done=on_done)

            ours = judged(config)
            against = None if other is None else (other, judged(other))
    return simulate(changes, ours, config, against=against)


def age(text: str) -> timedelta:
    """`90d`, `12w`, `6m`, `1y`, `48h` as a length of time; a bare number is days.

    Raises:
        UsageError: It is none.
    """
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(
            f"`{text[:40]}` is no length of time.", fix="Write a number and h, d, w, m or y, such as --since 90d."
        )
    hours = int(match[1]) * _HOURS[match[2] or "d"]
    return timedelta(hours=min(hours, 24 * 365 * 50))


def _memory(wish: Wish, environ: Mapping[str, str], config: Config) -> Path:
    """Where verdicts are kept: apart for each repository, configuration and version of the rules."""
    digest = hashlib.sha256()
    for part in (str(wish.repository.resolve()), __version__, repr(config), _rules()):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    home = environ.get("XDG_CACHE_HOME") or f"{environ.get('HOME') or tempfile.gettempdir()}/.cache"
    folder = wish.cache or Path(home) / "eod" / "simulate"
    return folder / f"{digest.hexdigest()[:24]}.jsonl"


def _rules() -> str:
    """What tells one state of the rules, in code and in data, from another."""
    digest = hashlib.sha256()
    for package in ("tiers", "data", "hcl"):
        folder = Path(eod.__file__).parent / package
        for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".toml"}):
            digest.update(path.read_bytes())
    return digest.hexdigest()
