import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config.yamltree import MAX_CHARACTERS, parse, plain, reads_as_text


def value(text):
    tree, problems = parse(text)
    assert not problems
    assert tree is not None
    return plain(tree)


def said(text):
    _, problems = parse(text)
    assert problems
    return [(problem.line, f"{problem.what} {problem.fix}") for problem in problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("True", True),
        ("false", False),
        ("~", None),
        ("null", None),
        ("''", ""),
        ("2026-01-31", "2026-01-31"),
        ("1:30", "1:30"),
        ("012345678901", "012345678901"),
        ("1_000", "1_000"),
        ("0", 0),
        ("-12", -12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("1.2.3", "1.2.3"),
        ("-", [None]),
        (".", "."),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, expected):
    got = value(text)
    assert got == expected
    assert type(got) is type(expected)


def test_anchors_and_merge_keys_are_followed():
    text = "base: &base {a: 1, b: 2}\nother: {<<: *base, b: 3}\nmany: {<<: [*base, {c: 4}]}\nsame: *base\n"
    assert value(text) == {
        "base": {"a": 1, "b": 2},
        "other": {"a": 1, "b": 3},
        "many": {"a": 1, "b": 2, "c": 4},
        "same": {"a": 1, "b": 2},
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "The key `a` stands twice, first in line 1."),
        ("a:\n  b: 1\n  b: 2\n", 3, "stands twice, first in line 2"),
        ("a: &x [*x]\n", 1, "inside the value that it repeats"),
        ("a: 1\n\tb: 2\n", 2, "never with tabs"),
        ("a: 1\nb: [1, 2\n", 3, "This is not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "single document"),
        ("a: *nope\n", 1, "undefined alias"),
        ("a: 1\nb: \x07\n", 2, "does not allow"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "cannot be read"),
        ("a: !!binary aGk=\n", 1, "without tags"),
        ("a: !!int many\n", 1, "cannot be read"),
        ("a: 1e999\n", 1, "cannot be read"),
        ("? [x]\n: 1\n", 1, "A key must be a text"),
        ("a: {<<: 1}\n", 1, "`<<` takes a mapping"),
        ("a: !!set {b}\n", 1, "The tag"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, line, words):
    found = said(text)
    assert found[0][0] == line
    assert words in found[0][1]


def test_aliases_cannot_blow_a_file_up():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "With its aliases followed" in said("\n".join(lines))[0][1]


def test_merges_cannot_blow_a_file_up():
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    assert "With its aliases followed" in said("\n".join(lines))[0][1]


@pytest.mark.parametrize("depth", [60, 300, 5000])
def test_deep_nesting_is_refused(depth):
    assert "nest" in said("[" * depth + "]" * depth)[0][1]


def test_long_files_are_refused():
    assert "at most 1,000,000" in said("#" * (MAX_CHARACTERS + 1))[0][1]


@settings(deadline=None)
@given(st.from_regex(r"[-+.0-9eExXoO_tTrueNnlfas~<]{1,8}", fullmatch=True))
def test_what_reads_as_text_is_read_as_text(text):
    tree, problems = parse(f"a: {text}")
    if tree is not None and not problems and plain(tree) != {"a": [None]}:
        assert reads_as_text(text) is (plain(tree) == {"a": text})
