"""Which files the examiner judges, what it says, and where it stops."""

import time

import msgspec
import pytest

from eod.model.change import ChangeKind, ChangeSet
from eod.tiers.case import Case
from eod.tiers.meaning import Unchanged
from tests.runaway import RUNAWAY_SECONDS
from tests.tiers.builders import CONFIG, MemoryRepository, change_set, evidence_of, tier_of
from tests.tiers.meaning.samples import opinion, rule

OLD, NEW = "package a\n\nvar b = 1\n", "package a\n\n// Why.\nvar b = 1\n"


def asked(before, after, *, renames=None, examiner=None, **changed):
    """What is said of the only file, of which the change was altered by `changed`."""
    (change,) = change_set(before, after, renames).files
    changes = ChangeSet(base="b", head="h", merge_base="b", files=(msgspec.structs.replace(change, **changed),))
    case = Case(changes, CONFIG, MemoryRepository(before, after))
    return (examiner or Unchanged()).ask(case.files[0], case)


@pytest.mark.parametrize(
    ("path", "old", "new", "reason"),
    [
        ("a.go", OLD, NEW, "Only comments changed (line 3)."),
        ("a.go", NEW, OLD, "Only comments changed (line 3 of the old file)."),
        ("a.go", OLD, "package a\nvar b   = 1\n", "Only white space changed (line 2)."),
        ("a.py", "a = 'b'\n", 'a = "b"\n', "Only the formatting changed (line 1)."),
        ("a.py", "# a\nb = 1  # c\n", "# d\nb = 1  # e\n", "Only comments changed (lines 1-2)."),
        (
            "a.py",
            'def f():\n    """A."""\n    g()\n',
            'def f():\n    """B."""\n    g()\n',
            "Only comments changed (line 2).",
        ),
        ("a.py", "# a\nf(b)\n", "# c\nf( b )\n", "Only comments and formatting changed (lines 1-2)."),
        ("a.yaml", "# a\nb: 1 # c\n", "# d\nb: 1 # e\n", "Only comments changed (lines 1-2)."),
        ("a.yaml", "b: '#c' # d\n", "b:  '#c' # e\n", "Only comments changed (line 1)."),
        ("a.toml", "# a\nb = 1\n", "b = 1\n", "Only comments changed (line 1 of the old file)."),
        (
            "a.tsx",
            "let x = <a>{/* b */}</a>; // c\n",
            "let x = <a>{/* d */}</a>; // e\n",
            "Only comments changed (line 1).",
        ),
        ("a.js", "a()\nb('c')\n", 'a() // d\nb("c")\n', "Only comments and formatting changed (lines 1-2)."),
        (
            "a.sh",
            "# a\nb\n# c\nd\n# e\nf\n# g\nh\n",
            "# z\nb\n# z\nd\n# z\nf\n# z\nh\n",
            "(lines 1, 3, 5 and more).",
        ),
        ("a.py", None, "", "The file is empty: nothing in it runs."),
        ("a.py", None, "# a\n", "The file holds nothing but comments: nothing in it runs."),
        ("a.yaml", "# a\n", None, "The file holds nothing but comments: nothing in it runs."),
    ],
)
def test_it_says_what_changed_and_where(path, old, new, reason):
    said = opinion(path, old, new)

    assert said is not None
    assert said.reason.endswith(reason)
    assert str(said.tier) == "none"


def test_the_classifier_asks_it():
    assert evidence_of("src/payment/charge.go", OLD, NEW).rule == "comments"
    assert tier_of("src/payment/charge.go", OLD, NEW.replace("1", "2")) == "full"
    assert tier_of("db/migrate/1_a.rb", "a\n", "# why\na\n") == "none"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("a.sql", None, "-- a\n"),
        ("Dockerfile", None, "# a\n"),
        ("a.unknown", "a\n", "a \n"),
        ("a.unknown", None, ""),
        ("a.go", None, "package a\n"),
        ("a.go", "package a\n", None),
        ("a.go", OLD.encode(), b"\x00" + NEW.encode()),
        ("a.go", OLD, "\N{BYTE ORDER MARK}" + OLD),
    ],
)
def test_it_says_nothing_where_it_cannot_know(path, old, new):
    assert rule(path, old, new) is None


def test_a_moved_file_is_not_the_same_to_whoever_looks_for_it():
    assert asked({"a.go": OLD}, {"b.go": NEW}, renames={"b.go": "a.go"}) is None
    assert asked({"a.go": OLD}, {"a.go": OLD, "b.go": NEW}, kind=ChangeKind.COPIED) is None


def test_a_copied_file_is_new():
    said = asked({"a.go": "// a\n"}, {"a.go": "// a\n", "b.go": "// a\n"}, kind=ChangeKind.COPIED)

    assert said.rule == "comments"


@pytest.mark.parametrize("modes", [("100644", "100755"), ("120000", "120000"), ("100644", "120000")])
def test_modes_and_symbolic_links_are_not_judged(modes):
    old, new = modes

    assert asked({"a.go": OLD}, {"a.go": NEW}, old_mode=old, new_mode=new) is None


def test_without_content_nothing_is_said():
    (change,) = change_set({"a.go": OLD}, {"a.go": NEW}).files
    case = Case(ChangeSet(base="b", head="h", merge_base="b", files=(change,)), CONFIG)

    assert Unchanged().ask(case.files[0], case) is None


def test_large_and_minified_files_are_left_alone():
    assert (
        rule("a.go", "package a\n" + "var b = 1\n" * 50_000, "package a\n" + "var b = 1\n" * 50_000 + "// c\n")
        is None
    )
    assert rule("a.rb", f"a = [{'1, ' * 4_000}]\n", f"a = [{'1, ' * 4_000}]\n# b\n") is None


def test_it_stops_where_reading_becomes_too_much():
    examiner = Unchanged(budget=100 * len(OLD))

    answers = [asked({"a.go": OLD}, {"a.go": NEW}, examiner=examiner) for _ in range(20)]

    assert answers[0] is not None
    assert answers[-1] is None


def test_a_licence_at_the_beginning_of_a_large_file_costs_little():
    old = "package a\n" + "var b = 1\n" * 10_000

    assert asked({"a.go": old}, {"a.go": "// Licence.\n" + old}, examiner=Unchanged(budget=len(old)))


@pytest.mark.parametrize(
    "unit", ["[", "{", "- ", "a: &a [*a]\n", '"', "/*", "`${", "<script ", "{{/*", "  \n", "<<A\n", "#{", "\\"]
)
@pytest.mark.parametrize(
    "path", ["a.yaml", "a.json", "a.toml", "a.js", "a.tsx", "a.tf", "a.html", "a.py", "a.rb", "a.sh"]
)
def test_hostile_texts_end(path, unit):
    text = (unit * 20_000)[:20_000]

    rule(path, text, text + "\n# a\n// b\n")


@pytest.mark.parametrize(
    "text",
    [
        f"a = 0x{'f' * 6_000}\n",
        f"@{'a.' * 5_000}b\ndef f(): pass\n",
        f"a = {'-' * 5_000}1\n",
        "a = " + "(" * 500,
        "a = '\\d'\n",
    ],
)
def test_python_that_python_cannot_bear(text):
    rule("a.py", text, text + "# b\n")


def test_the_reason_is_found_in_time_among_many_comments_on_one_line():
    started = time.process_time()
    for number in range(4):
        text = f"a{number}: \"'" + " #" * 190_000 + '"  # x\n'
        assert rule("a.yml", text, text.replace("  # x", "   # y")) == "comments"
    assert time.process_time() - started < RUNAWAY_SECONDS
