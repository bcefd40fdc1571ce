from collections import Counter

import msgspec
import pytest

from benchmarks.changes import Split, clone_of, load
from eod.model.tier import Tier

CHANGES = {split: load(splits=(split,)) for split in Split}
ENTRY = """
split = "tuning"
[[changes]]
owner = "acme"
name = "shop"
base = "{base}"
head = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
label = "full"
acceptable = ["{acceptable}"]
reason = "A payment."
"""


def test_no_repository_is_in_both_splits():
    of_split = [{change.repository for change in changes} for changes in CHANGES.values()]
    assert not set.intersection(*of_split)


def test_no_change_is_counted_twice():
    heads = Counter((change.repository, change.head) for changes in CHANGES.values() for change in changes)
    assert max(heads.values()) == 1


@pytest.mark.parametrize("split", Split)
def test_every_split_has_changes_of_every_tier(split):
    assert {change.label for change in CHANGES[split]} == set(Tier)


@pytest.mark.parametrize(("base", "acceptable"), [("main", "full"), ("a" * 40, "none")])
def test_a_moving_name_and_a_label_that_is_not_acceptable_are_refused(tmp_path, base, acceptable):
    (tmp_path / "a.toml").write_text(ENTRY.format(base=base, acceptable=acceptable))
    with pytest.raises(msgspec.ValidationError):
        load(tmp_path)


@pytest.mark.parametrize(
    "place",
    ["acme+shop/repo/HEAD", "acme+shop/HEAD", "acme+shop.git/HEAD", "acme/shop/.git/HEAD", "acme/shop.git/HEAD"],
)
def test_a_clone_is_found_bare_or_not(tmp_path, place):
    (tmp_path / "set.toml").write_text(ENTRY.format(base="a" * 40, acceptable="full"))
    (change,) = load(tmp_path)
    assert clone_of(change, tmp_path) is None
    head = tmp_path / place
    head.parent.mkdir(parents=True)
    head.write_text("ref: refs/heads/main\n")
    found = clone_of(change, tmp_path)
    assert found is not None
    assert head.is_relative_to(found)
