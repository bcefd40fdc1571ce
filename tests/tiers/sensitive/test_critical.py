import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config import Config, Critical
from eod.model.blob import Blob
from eod.tiers.codeowners import CodeOwners
from tests.tiers.builders import MemorySnapshot, evidence_of, judge

TEAM = Config(domain="a.example", critical=Critical(owners=("@org/payments",)))


def owners(text, path, place="CODEOWNERS"):
    return [owner for each in CodeOwners(MemorySnapshot({place: text})).of(path) for owner in each.owners]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("* @a", "x/y.go", ["@a"]),
        ("* @a\n*.go @b", "x/y.go", ["@b"]),
        ("*.go @b\n* @a", "x/y.go", ["@a"]),
        ("* @a\n/x/", "x/y.go", []),
        ("* @a # the rest", "x/y.go", ["@a"]),
        ("# @a\n\n* @b", "x/y.go", ["@b"]),
        ("docs/* @a", "docs/a.txt", ["@a"]),
        ("docs/* @a", "docs/deep/a.txt", []),
        ("docs/ @a", "x/docs/deep/a.txt", ["@a"]),
        ("/docs/ @a", "x/docs/a.txt", []),
        ("/docs/ @a", "docs/deep/a.txt", ["@a"]),
        ("apps/ @a", "apps/b/c.txt", ["@a"]),
        ("**/logs @a", "x/logs/a.txt", ["@a"]),
        ("/scripts/*.sh @a b@example.com", "scripts/a.sh", ["@a", "b@example.com"]),
        ("/a\\ b/ @a", "a b/c.txt", ["@a"]),
        ("!x/ @a", "x/y.go", []),
        ("[xy]/ @a", "x/y.go", []),
        ("x/y.GO @a", "x/y.go", []),
        ("[Shop][2] @s\n/x/\n^[Docs] @d\n*.md", "x/y.go", ["@s"]),
        ("* @a\n[Shop] @s\n/x/", "x/y.go", ["@a", "@s"]),
        ("[Shop]\n/x/ @s\n[shop]\n/x/ @t", "x/y.go", ["@t"]),
        ("", "x/y.go", []),
    ],
)
def test_who_owns_a_path(text, path, expected):
    assert owners(text, path) == expected


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"])
def test_the_places_where_the_file_may_lie(place):
    assert owners("* @a", "x", place) == ["@a"]


def test_the_first_place_counts_alone():
    snapshot = MemorySnapshot({".github/CODEOWNERS": "/y @a", "CODEOWNERS": "* @b"})
    assert CodeOwners(snapshot).of("x") == ()


def test_a_file_that_is_too_large_for_github_names_nobody():
    class Large(MemorySnapshot):
        def read(self, path):
            return Blob(4_000_000, None)

    assert CodeOwners(Large({})).of("x") == ()


def owned(path, old, new, *, config=TEAM, text="/shop/ @Org/Payments\n"):
    return evidence_of(path, old, new, config=config, beside={".github/CODEOWNERS": text})


def test_what_a_critical_team_owns_asks_for_full_and_says_why():
    found = owned("shop/a.py", "a = 1\n", "a = 2\n")
    assert (str(found.tier), found.rule) == ("full", "critical-owner")
    assert "`.github/CODEOWNERS` gives `/shop/` to `@Org/Payments`" in found.reason
    assert str(owned("other/a.py", "a = 1\n", "a = 2\n").tier) == "lightweight"


@pytest.mark.parametrize("path", ["shop/README.md", "shop/tests/test_a.py"])
def test_what_never_runs_stays_none_whoever_owns_it(path):
    assert str(owned(path, "a\n", "b\n").tier) == "none"


@pytest.mark.parametrize(
    "path", ["shop/logo.svg", "shop/package-lock.json", "shop/migrations/0001.py", "shop/locale/de.po"]
)
def test_what_is_light_elsewhere_is_full_for_a_critical_team(path):
    assert str(owned(path, "a\n", "b\n").tier) == "full"


def test_owners_come_from_the_base_so_the_author_of_a_change_cannot_unset_them():
    before = {"CODEOWNERS": "/shop/ @org/payments\n", "shop/a.py": "a = 1\n"}
    after = {"CODEOWNERS": "", "shop/a.py": "a = 2\n"}
    assert str(judge(before, after, config=TEAM).tier) == "full"


def test_a_file_that_leaves_a_critical_place_counts():
    before = {"CODEOWNERS": "/shop/ @org/payments\n", "shop/a.py": "a = 1\n"}
    after = {"CODEOWNERS": "/shop/ @org/payments\n", "lib/a.py": "a = 1\n"}
    assert str(judge(before, after, config=TEAM, renames={"lib/a.py": "shop/a.py"}).tier) == "full"


@pytest.mark.parametrize("named", ["@org/payments", "org/payments", "@ORG/Payments"])
def test_a_team_may_be_named_with_or_without_its_at_sign(named):
    config = Config(domain="a.example", critical=Critical(owners=(named,)))
    assert str(owned("shop/a.py", "a = 1\n", "a = 2\n", config=config).tier) == "full"


def test_critical_paths_are_named_in_the_reason():
    config = Config(domain="a.example", critical=Critical(paths=("src/core/", "!src/core/demo/", "*.lock")))
    found = evidence_of("src/core/a.py", "a = 1\n", "a = 2\n", config=config)
    assert (str(found.tier), found.rule) == ("full", "critical-path")
    assert "`src/core/`" in found.reason
    assert str(evidence_of("src/core/demo/a.py", "a = 1\n", "a = 2\n", config=config).tier) == "lightweight"
    assert str(evidence_of("src/core/a.md", "a\n", "b\n", config=config).tier) == "none"


@settings(deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200), st.text(min_size=1, max_size=20))
def test_no_bytes_in_codeowners_and_no_path_raise(text, path):
    assert isinstance(owners(text, path), list)
