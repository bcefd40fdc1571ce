"""The page that shows the whole story: figures, time line, pull requests as on GitHub, audit trail."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib.resources import files
from itertools import zip_longest
from typing import Final

from markupsafe import Markup
from msgspec import Struct

from demo.cast import Part
from demo.findings import Finding
from demo.page import page_style, render_markdown
from demo.souvenirs import Revision
from demo.table import Line
from demo.takes import Take

_KINDS: Final = {"preview.yml": "up", "on-close.yml": "down", "sweep.yml": "sweep"}
_VERBS: Final = {"opened": "opened", "pushed": "pushed to", "closed": "closed"}


class Bar(Struct, frozen=True, kw_only=True):
    """A run on the time line; places in per cent of the whole story."""

    name: str
    kind: str
    left: float
    width: float
    label: str


class Act(Struct, frozen=True, kw_only=True):
    """One run on the page."""

    name: str
    title: str
    seconds: float
    summary: Markup
    record: str
    log: str


class Scene(Struct, frozen=True, kw_only=True):
    """One pull request on the page."""

    part: Part
    line: Line
    bars: tuple[Bar, ...]
    revisions: tuple[tuple[str, Markup], ...]
    shown_first: int
    acts: tuple[Act, ...]
    state: str


class Poster(Struct, frozen=True, kw_only=True):
    """Everything that the page says about the story as a whole."""

    seconds: float
    played_at: datetime
    trail: tuple[tuple[str, str, str], ...]
    leftovers: Sequence[Finding]
    expectations: Sequence[Finding]
    troubles: Sequence[str]

    @property
    def ok(self) -> bool:
        """Whether all went as it should."""
        return not self.troubles and all(one.ok for one in (*self.leftovers, *self.expectations))


def scenes(parts: Iterable[Part], takes: list[Take], posted: list[Revision], lines: list[Line]) -> list[Scene]:
    """A scene for each pull request of which anything happened."""
    whole = max((take.ended for take in takes), default=1.0)
    by_number = {line.number: line for line in lines}
    return [
        Scene(
            part=part,
            line=by_number[part.number],
            bars=tuple(_bar(take, whole) for take in takes if take.number == part.number),
            revisions=(moments := tuple(_moments([one for one in posted if one.number == part.number]))),
            shown_first=_finest(moments),
            acts=tuple(_act(take) for take in takes if take.number == part.number),
            state=_state(part, [take for take in takes if take.number == part.number]),
        )
        for part in parts
        if part.number in by_number
    ]


def trail_of(history: str) -> tuple[tuple[str, str, str], ...]:
    """Commit, time and message of each line of the records' log."""
    cut = (line.split(" ", 2) for line in history.splitlines())
    return tuple((fields[0], fields[1], fields[2]) for fields in cut if len(fields) == 3)


def render(poster: Poster, shown: list[Scene]) -> str:
    """The page as HTML that needs nothing from outside."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    folder = files(__package__ or "demo")
    template = environment.from_string(folder.joinpath("gallery.html.j2").read_text("utf-8"))
    style = page_style() + folder.joinpath("gallery.css").read_text("utf-8")
    most = max((len(scene.revisions) for scene in shown), default=0)
    return template.render(poster=poster, scenes=shown, style=Markup(style), most=most)


def _bar(take: Take, whole: float) -> Bar:
    return Bar(
        name=take.name,
        kind=_KINDS[take.run.trigger.workflow],
        left=100 * take.began / whole,
        width=100 * (take.ended - take.began) / whole,
        label=f"{_title(take)}, {take.run.seconds:.0f} s",
    )


def _moments(posted: list[Revision]) -> Iterable[tuple[str, Markup]]:
    """The last text of each moment: where only a count moved on, what came before is left out."""
    for one, following in zip_longest(posted, posted[1:]):
        moment = one.headline.partition(":")[0]
        if following is None or following.headline.partition(":")[0] != moment:
            yield moment, _markdown(one.body)


def _finest(moments: Sequence[tuple[str, Markup]]) -> int:
    """What a visitor should see first: the comment that says that the environment is ready."""
    ready = [index for index, (headline, _) in enumerate(moments) if headline.startswith("✅")]
    return ready[0] if ready else len(moments) - 1


def _act(take: Take) -> Act:
    return Act(
        name=take.name,
        title=_title(take),
        seconds=take.run.seconds,
        summary=_markdown(take.run.summary),
        record=take.record,
        log="\n".join(take.run.log),
    )


def _title(take: Take) -> str:
    if take.run.trigger.workflow == "sweep.yml":
        return "swept by the schedule"
    return _VERBS.get(take.name.partition("-")[2], take.name)


def _state(part: Part, own: list[Take]) -> str:
    if not any(take.name.endswith("-closed") for take in own):
        return "open"
    return "merged" if part.merged else "closed"


def _markdown(text: str) -> Markup:
    return Markup(render_markdown(text))
