import json

from demo import souvenirs
from standins.github import Exchange


def posted(method, path, body, status=200):
    return Exchange(method=method, path=path, body=json.dumps({"body": body}).encode(), status=status)


def exchanges():
    comment = "/repos/acme/shop/issues/comments/121"
    return [
        posted("POST", "/repos/acme/shop/issues/121/comments", "### ⏳ Preparing `pr-121`", 201),
        posted("PATCH", comment, "### ⏳ Preparing `pr-121`"),
        posted("PATCH", comment, "### never seen", 502),
        Exchange(method="GET", path=comment, status=200),
        posted("PATCH", "/repos/acme/shop/issues/comments/7", "### somebody else's"),
        posted("PATCH", comment, "### ✅ [pr-121.neo01.com](https://pr-121.neo01.com/) is ready"),
    ]


def test_each_text_that_people_could_see_is_kept_once(takes):
    found = souvenirs.revisions(takes, exchanges())
    assert [(one.index, one.headline) for one in found] == [
        (1, "⏳ Preparing pr-121"),
        (2, "✅ pr-121.neo01.com is ready"),
    ]


def test_everything_is_written_as_it_was_posted(takes, out):
    revisions = souvenirs.revisions(takes, exchanges())
    souvenirs.keep(out, takes, revisions, "0123abc 12:00:00 pr-121: ready\n")
    files = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert "comments/121-02-pr-121-neo01-com-is-ready.md" in files
    assert {"summaries/122-pushed.md", "records/122-opened.yaml", "records/history.txt"} <= set(files)
    assert {"logs/sweep.log", "records/122-closed-certificate.json"} <= set(files)
    assert (out / "comments/121-01-preparing-pr-121.md").read_text("utf-8") == revisions[0].body
    assert (out / "records/122-opened.yaml").read_text("utf-8") == takes[2].record


def test_clearing_takes_away_only_what_a_demo_leaves(out):
    (out / "logs").mkdir(parents=True)
    for name in ("logs/old.log", "index.html", "notes.txt"):
        (out / name).write_text("old")
    souvenirs.clear(out)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]
