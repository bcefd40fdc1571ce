"""The demo's command line: options, signals, exit codes.

0: all went well and nothing is left. 1: something did not, or is. 2: it cannot be played here. 130: stopped.
"""

import argparse
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from demo import gallery, souvenirs, table
from demo.actrun import Acts, StoppedError
from demo.cast import CAST, Part
from demo.ending import print_findings, print_table
from demo.errors import CannotPlayError
from demo.expectations import expectations
from demo.export import ROOT
from demo.leftovers import leftovers
from demo.stage import Stage, set_up
from demo.story import Story
from demo.takes import history
from demo.watch import Watch, make_watch

_STOPPED = 130
_POLITE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Terminated(KeyboardInterrupt):
    pass


def main(arguments: Sequence[str]) -> int:
    """Play the demo; the exit code."""
    options = _options(arguments)
    parts = tuple(part for part in CAST if not options.only or part.number in options.only)
    watch = make_watch()
    try:
        with _terminated_as_interrupted(), set_up() as stage:
            return _play(stage, parts, watch, options)
    except CannotPlayError as error:
        watch.say(f"error: {error}")
        return 2
    except (KeyboardInterrupt, StoppedError):
        watch.say("stopped; nothing is left running")
        return _STOPPED


def _play(stage: Stage, parts: tuple[Part, ...], watch: Watch, options: argparse.Namespace) -> int:
    watch.say(f"the stage is set: {stage.repository.full_name} on GitHub's stand-in at {stage.github.url}")
    story = Story(stage, Acts(stage), watch)
    story.play(parts)
    good = _tell(stage, story, parts, watch, options.out)
    if options.keep:
        _keep(stage, watch)
    return 0 if good else 1


def _tell(stage: Stage, story: Story, parts: tuple[Part, ...], watch: Watch, out: Path) -> bool:
    """Look whether anything is left, write everything down, and show the end."""
    trail = history(stage.repository.path)
    exchanges = list(stage.github.requests)
    takes = sorted(story.takes, key=lambda take: (take.number, take.began))
    poster = gallery.Poster(
        seconds=watch.seconds,
        played_at=datetime.now(UTC),
        trail=gallery.trail_of(trail),
        leftovers=leftovers(stage),
        expectations=expectations(parts, takes, trail, exchanges, list(stage.github.hub.tokens)),
        troubles=story.troubles,
    )
    posted = souvenirs.revisions(takes, exchanges)
    lines = table.lines(parts, takes)
    souvenirs.clear(out)
    souvenirs.keep(out, takes, posted, trail)
    page = out / "index.html"
    page.write_text(gallery.render(poster, gallery.scenes(parts, takes, posted, lines)), "utf-8")
    print_findings(watch.console, poster)
    print_table(watch.console, lines)
    watch.say(f"everything as it was posted: {page}")
    verdict = "nothing is left anywhere" if poster.ok else "✗ not everything went as it should; see above"
    watch.say(f"{watch.seconds:.0f} seconds in all; {verdict}")
    return poster.ok


def _keep(stage: Stage, watch: Watch) -> None:
    """Leave the stand-ins running until somebody has seen enough."""
    token = stage.github.installation_token(stage.repository)
    told = {
        **stage.github.environment(),
        **stage.aws.environment(),
        "GITHUB_REPOSITORY": stage.repository.full_name,
        "GITHUB_TOKEN": token,
        "KUBECONFIG": str(stage.cluster.kubeconfig),
    }
    for name, value in told.items():
        watch.console.print(f"export {name}={value}", markup=False)
    watch.console.print(f"git clone {stage.repository.clone_url}", markup=False)
    watch.say("the stand-ins keep running; Ctrl-C ends them")
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Every polite signal ends the demo as Ctrl-C does, also where Ctrl-C is ignored: through every `finally`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Terminated

    before = {number: signal.signal(number, stop) for number in _POLITE}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description="The whole life of three environments.")
    numbers = [part.number for part in CAST]
    parser.add_argument(
        "--only", type=int, action="append", choices=numbers, help="play this pull request only (repeatable)"
    )
    parser.add_argument("--keep", action="store_true", help="leave the stand-ins running until Ctrl-C")
    parser.add_argument("--out", type=Path, default=ROOT / "demo/out", help="where everything posted is written")
    return parser.parse_args(arguments)
