import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standins.github.diffs import changes
from standins.github.gitstore import GitStore, Person
from standins.github.http import Request
from standins.github.paging import page

WHO = Person("Dev", "dev@example.com")
WHEN = datetime(2026, 1, 2, tzinfo=UTC)

_NAME = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..") and name.lower().rstrip(". ") not in (".git", "git~1")
)
_TEXT = st.text(st.sampled_from("ab @+-\n\\diff--git "), max_size=40)
_FILES = st.dictionaries(_NAME.map("d/{}".format), st.one_of(_TEXT, st.binary(max_size=20)), max_size=4)


@pytest.mark.process
@given(before=_FILES, after=_FILES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_changed_file_is_listed_whatever_it_is_called_and_holds(
    before: dict[str, str | bytes], after: dict[str, str | bytes]
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        store = GitStore.create(Path(scratch) / "r.git", "main")
        base = store.write_commit("refs/heads/main", None, before, "before", author=WHO, when=WHEN)
        gone = dict.fromkeys(before.keys() - after.keys())
        head = store.write_commit("refs/heads/head", base, {**gone, **after}, "after", author=WHO, when=WHEN)

        listed = changes(store, base, head)

        kept = {entry.path: store.blob(entry.sha) for entry in store.entries(head, "d", inside=True)}
    as_bytes = {name: text.encode() if isinstance(text, str) else text for name, text in after.items()}
    assert kept == as_bytes
    touched = {file.path for file in listed} | {file.previous_path for file in listed} - {None}
    raw = {name: text.encode() if isinstance(text, str) else text for name, text in before.items()}
    assert touched == {name for name in raw.keys() | as_bytes if raw.get(name) != as_bytes.get(name)}
    for file in listed:
        if file.patch is not None:
            lines = file.patch.split("\n")
            assert lines[0].startswith("@@ ")
            assert sum(line.startswith("+") for line in lines) == file.additions
            assert sum(line.startswith("-") for line in lines) == file.deletions


@given(total=st.integers(0, 250), size=st.integers(1, 120), at=st.integers(1, 12))
def test_pages_hold_everything_once_and_link_to_each_other(total: int, size: int, at: int) -> None:
    request = Request(method="GET", path="/x", query={"per_page": str(size), "page": str(at)}, base="http://h")
    items = list(range(total))

    some, headers = page(items, request, "/x")

    width = min(size, 100)
    assert list(some) == items[(at - 1) * width : at * width]
    assert ('rel="next"' in headers.get("link", "")) == (at * width < total)
    assert ('rel="prev"' in headers.get("link", "")) == (at > 1)
