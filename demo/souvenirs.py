"""What the demo leaves under its folder: comments, summaries, records and logs exactly as they were posted."""

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from demo.takes import Take
from standins.github import Exchange

_POSTED = re.compile(r"/repos/[^/]+/[^/]+/issues/(\d+)/comments")
_EDITED = re.compile(r"/repos/[^/]+/[^/]+/issues/comments/(\d+)")
_HEADLINE = re.compile(r"^#+ (.*)$", re.MULTILINE)
_OURS = ("comments", "summaries", "records", "logs", "index.html")


class Revision(Struct, frozen=True, kw_only=True):
    """One text that the comment of a pull request had."""

    number: int
    index: int
    body: str

    @property
    def headline(self) -> str:
        """Its first heading, without Markdown."""
        found = _HEADLINE.search(self.body)
        text = found[1] if found else "comment"
        return re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`_]", r"\1", text)


def revisions(takes: Iterable[Take], exchanges: Iterable[Exchange]) -> list[Revision]:
    """Every text that was posted to a pull request or edited in, in order; the same one twice counts once."""
    numbers = {comment.id: take.number for take in takes for comment in take.comments}
    found: list[Revision] = []
    last: dict[int, Revision] = {}
    for one in exchanges:
        number = _number(one, numbers)
        if number is None or one.status >= 400:
            continue
        body = str(one.json().get("body", ""))
        before = last.get(number)
        if before is None or before.body != body:
            last[number] = Revision(number=number, index=1 if before is None else before.index + 1, body=body)
            found.append(last[number])
    return found


def clear(out: Path) -> None:
    """Take away what an earlier demo left there, and nothing else."""
    for name in _OURS:
        path = out / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def keep(out: Path, takes: Iterable[Take], posted: Iterable[Revision], trail: str) -> None:
    """Write everything down as files."""
    for revision in posted:
        name = f"{revision.number}-{revision.index:02}-{_slug(revision.headline)}.md"
        _write(out / "comments" / name, revision.body)
    for take in takes:
        _write(out / "logs" / f"{take.name}.log", "\n".join(take.run.log) + "\n")
        if take.run.summary:
            _write(out / "summaries" / f"{take.name}.md", take.run.summary)
        if take.record:
            _write(out / "records" / f"{take.name}.yaml", take.record)
        if take.run.outputs.get("certificate"):
            text = json.dumps(json.loads(take.run.outputs["certificate"]), indent=2)
            _write(out / "records" / f"{take.name}-certificate.json", text + "\n")
    _write(out / "records" / "history.txt", trail)


def _number(one: Exchange, numbers: dict[int, int]) -> int | None:
    if one.method == "POST" and (match := _POSTED.fullmatch(one.path)):
        return int(match[1])
    if one.method == "PATCH" and (match := _EDITED.fullmatch(one.path)):
        return numbers.get(int(match[1]))
    return None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
