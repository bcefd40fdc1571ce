"""`python -m benchmarks.tiers --repos DIR`: how far `eod classify` agrees with people about real changes.

The changes are in `benchmarks/tiers/*.toml`, as facts only. DIR holds clones of their repositories as `owner+name`
or `owner/name`, bare or not; `--clone` fetches from GitHub those that are missing. Each change is classified by a
process of its own, as a workflow would do it, so times are those of a cold start.

Exit code: 0 good enough, 1 not, 2 changes could not be measured because a clone or a commit is missing.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import msgspec

from benchmarks.changes import SETS, Change, Split, clone_of, fetch, load
from benchmarks.report import as_document, as_text
from benchmarks.score import Answer, Line, score
from eod.model.tier import Tier

_ROOT = Path(__file__).resolve().parent.parent


class _Document(msgspec.Struct, frozen=True):
    """What is read of `eod classify --json`; the rest of it does not matter here."""

    tier: Tier
    evidence: tuple[Line, ...]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--repos", type=click.Path(path_type=Path), required=True, help="The folder of the clones.")
@click.option("--clone", is_flag=True, help="Clone from GitHub what is missing.")
@click.option("--sets", type=click.Path(path_type=Path), default=SETS, help="The folder of labelled changes.")
@click.option(
    "--split", type=click.Choice([*map(str, Split), "all"]), default=str(Split.TUNING), show_default=True
)
@click.option("--only", default="", help="Only repositories whose owner/name contains this.")
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
@click.option("--timeout", type=float, default=60, show_default=True, help="Seconds that one change may take.")
@click.option("--misses", "with_misses", is_flag=True, help="List what did not agree, with its evidence.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def main(
    *,
    repos: Path,
    clone: bool,
    sets: Path,
    split: str,
    only: str,
    jobs: int,
    timeout: float,
    with_misses: bool,
    as_json: bool,
) -> None:
    """Measure `eod classify` against labelled changes of public repositories."""
    splits = tuple(Split) if split == "all" else (Split(split),)
    changes = [change for change in load(sets, splits=splits) if only in change.repository]
    places, absent = _places(changes, repos, clone=clone)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        answers = list(pool.map(lambda place: ask(*place, timeout=timeout), places))
    scored = score(answers)
    if as_json:
        click.echo(json.dumps({**as_document(scored, answers), "absent": absent}, ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(scored, answers, with_misses=with_misses))
    if absent:
        click.echo(f"Not measured, because a clone or a commit is missing: {', '.join(absent)}", err=True)
        sys.exit(2)
    sys.exit(0 if scored.good_enough else 1)


def ask(change: Change, clone: Path, *, timeout: float) -> Answer:
    """What a fresh `eod classify` says of `change` within `timeout` seconds."""
    command = [sys.executable, "-P", "-m", "eod", "classify", "--json", "--repo", str(clone)]
    started = time.monotonic()
    try:
        done = subprocess.run(
            [*command, "--base", change.base, "--head", change.head],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(change=change, tier=None, failure=f"time-out after {timeout:g} s", seconds=timeout)
    seconds = time.monotonic() - started
    if done.returncode != 0:
        return Answer(change=change, tier=None, failure=_last_line(done), seconds=seconds)
    try:
        document = msgspec.json.decode(done.stdout, type=_Document)
    except msgspec.DecodeError as error:
        return Answer(change=change, tier=None, failure=f"unreadable answer: {error}", seconds=seconds)
    return Answer(change=change, tier=document.tier, evidence=document.evidence, seconds=seconds)


def _last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"exit code {done.returncode}: {lines[-1] if lines else 'no message'}"


def _places(changes: Sequence[Change], repos: Path, *, clone: bool) -> tuple[list[tuple[Change, Path]], list[str]]:
    """Each change with the clone that has it, and the names of the repositories of those that no clone has."""
    places: list[tuple[Change, Path]] = []
    absent: dict[str, None] = {}
    for change in changes:
        path = clone_of(change, repos)
        if path is None and clone and change.repository not in absent:
            path = _cloned(change, repos)
        if path is not None and _has(path, change):
            places.append((change, path))
        else:
            absent[change.repository] = None
    return places, list(absent)


def _cloned(change: Change, repos: Path) -> Path | None:
    try:
        return fetch(change, repos)
    except subprocess.CalledProcessError:
        return None


def _has(path: Path, change: Change) -> bool:
    names = f"{change.base}^{{tree}}\n{change.head}^{{tree}}\n".encode()
    found = subprocess.run(
        ["git", "-C", str(path), "cat-file", "--batch-check"], input=names, capture_output=True, check=False
    )
    return found.returncode == 0 and b" missing" not in found.stdout


if __name__ == "__main__":
    main()
