import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from eod import data
from eod.data.globs import Globs
from eod.tiers.rules import RuleTable

words = st.sampled_from(
    ["a", "b", ".md", "x.md", "docs", "*", "**", "?", "*.md", "a*", ".", "[ab]", "!a", "\\*", "#", " "]
)
patterns = st.lists(st.lists(words, min_size=1, max_size=3).map("".join), min_size=1, max_size=4).map("/".join)
anchored = st.tuples(st.sampled_from(["", "/"]), patterns, st.sampled_from(["", "/"])).map("".join)
paths = st.lists(
    st.sampled_from(["a", "b", "ab", "x.md", ".md", "a.md", "docs", "a.tf.json", "a b", "*"]),
    min_size=1,
    max_size=4,
).map("/".join)


def agreed(lines, path):
    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return
    assert Globs(lines).match(path) == spec.match_file(path), (lines, path)


@given(st.lists(anchored, min_size=1, max_size=4), paths)
@example(["*.md"], "x.md/a")
@example(["docs/"], "docs")
@example(["docs/"], "a/docs/b")
@example(["/a"], "b/a")
@example(["a/**/b"], "a/b")
@example(["*.md", "!a.md"], "a.md")
def test_what_matches_is_as_pathspec_has_it(lines, path):
    agreed(lines, path)


@pytest.mark.parametrize("rule", data.read("tiers", RuleTable).rules, ids=lambda rule: rule.name)
@pytest.mark.parametrize(
    "path", ["README.md", "docs/a/b.py", "src/a.test.ts", "vendor/a.go", "app/locales/de.yml", "x"]
)
def test_the_built_in_rules_match_as_pathspec_has_it(rule, path):
    agreed(rule.paths, path)


def test_a_line_break_is_no_end_of_a_path():
    assert not Globs(["*.md"]).match("a.md\nmain.tf")
