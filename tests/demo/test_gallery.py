from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from demo import gallery, table
from demo.cast import CAST
from demo.findings import Finding
from demo.souvenirs import Revision

NASTY = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"


def poster(**changes):
    usual = gallery.Poster(
        seconds=100.0,
        played_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        trail=gallery.trail_of("0123abc 12:00:00 pr-121: ready at 43bf8ac after 8 s\n\n"),
        leftovers=[Finding(what="namespaces", ok=True, detail="none")],
        expectations=[Finding(what="#121 answers", ok=True)],
        troubles=[],
    )
    return replace(usual, **changes)


def page(takes, posted=(), **changes):
    shown = gallery.scenes(CAST, takes, list(posted), table.lines(CAST, takes))
    return gallery.render(poster(**changes), shown)


def revision(index, headline, body=""):
    return Revision(number=121, index=index, body=f"### {headline}\n\n{body}")


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_all_three_pull_requests_are_shown_with_their_runs(takes):
    text = page(takes)
    for expected in ("Show where a tea comes from", "Merged", "Closed", "Open", "swept by the schedule"):
        assert expected in text
    assert text.count('class="bar ') == len(takes)
    assert "Nothing is left, anywhere" in text


def test_bars_stay_on_the_time_line(takes):
    shown = gallery.scenes(CAST, takes, [], table.lines(CAST, takes))
    bars = [bar for scene in shown for bar in scene.bars]
    assert all(0 <= bar.left <= bar.left + bar.width <= 100.001 for bar in bars)


@pytest.mark.parametrize(
    "changes",
    [
        {"troubles": ["#122: the run failed"]},
        {"leftovers": [Finding(what="namespaces", ok=False, detail="pr-122")]},
        {"expectations": [Finding(what="#122 answers", ok=False, detail="no")]},
    ],
)
def test_whatever_went_wrong_is_not_called_good(takes, changes):
    assert not poster(**changes).ok
    text = page(takes, **changes)
    assert "Nothing is left, anywhere" not in text
    assert "Not everything went as it should" in text


def test_the_ready_comment_is_shown_first_and_moving_bars_are_left_out(takes):
    posted = [
        revision(1, "⏳ Preparing", "0 of 3"),
        revision(2, "⏳ Preparing", "2 of 3"),
        revision(3, "✅ It is ready"),
    ]
    text = page(takes, [*posted, revision(4, "🧹 It is gone")])
    elements = Elements(text).found
    checked = [attributes["id"] for tag, attributes in elements if tag == "input" and "checked" in attributes]
    assert checked == ["r121-2"]
    assert "0 of 3" not in text
    assert "2 of 3" in text


def test_nothing_comes_from_outside_and_nothing_runs(takes, make_take):
    nasty = make_take(123, "123-opened", log=[NASTY], record=takes[5].record)
    elements = Elements(page([*takes[:5], nasty], trail=(("0", "0", NASTY),), troubles=[NASTY])).found
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in elements}
    (policy,) = (one["content"] for tag, one in elements if one.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
