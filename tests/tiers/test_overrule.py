from datetime import UTC, datetime

import pytest
from msgspec import structs

from eod.config import Config, Permission
from eod.model.people import Role
from eod.model.tier import Evidence, How, Tier
from eod.tiers.labels import label_of, tier_labels
from eod.tiers.overrule import Overruler, kept, lowers_full, refusal, refused, remembered
from eod.tiers.verdict import verdict_of

CONFIG = Config(domain="preview.example.com")
AT = datetime(2026, 11, 25, 11, 32, tzinfo=UTC)
ADA = Overruler(how=How.LABEL, by="ada", at=AT, role=Role.MAINTAIN)


def judged(*tiers, labels=(), forced=None):
    evidence = tuple(Evidence(path=f"f{tier}", tier=tier, rule="r", reason="") for tier in tiers)
    return verdict_of(evidence, CONFIG, labels=labels, forced=forced)


def overrule_of(verdict):
    assert verdict.overrule is not None
    return verdict.overrule


def said(overruler, needed=Permission.MAINTAIN):
    return refusal(overruler, Tier.NONE, "eod/tier: none", needed)


@pytest.mark.parametrize("needed", list(Permission))
@pytest.mark.parametrize("role", list(Role))
def test_the_permission_that_the_configuration_names_is_enough_and_less_is_not(needed, role):
    text = said(structs.replace(ADA, role=role), needed)
    assert (text == "") == (role.rank >= Role(needed).rank)
    if text:
        assert f"needs a person with the permission `{needed}`" in text
        assert f"`@ada` has `{role}`" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"by": ""}, "does not tell who"),
        ({"role": None}, "what `@ada` may"),
        ({"by": "github-actions[bot]", "person": False}, "`github-actions[bot]` is no person"),
        ({"trouble": "GitHub could not be asked"}, "could not be asked"),
    ],
)
def test_whoever_is_not_known_is_refused_and_that_is_said(changes, words):
    text = said(structs.replace(ADA, **changes))
    assert words in text
    assert "The label `eod/tier: none` has no effect" in text
    assert len(text) < 300


def test_a_name_that_is_far_too_long_is_cut():
    assert (
        len(refusal(structs.replace(ADA, by="x" * 999, role=Role.READ), Tier.NONE, "y" * 999, Permission.ADMIN))
        < 400
    )


def test_only_less_than_full_on_what_asks_for_full_takes_a_permission():
    assert lowers_full(judged(Tier.FULL, Tier.NONE, labels=("eod/tier: database",)))
    assert lowers_full(judged(Tier.FULL, forced="none"))
    assert not lowers_full(judged(Tier.FULL))
    assert not lowers_full(judged(Tier.FULL, labels=("eod/tier: full",)))
    assert not lowers_full(judged(Tier.DATABASE, labels=("eod/tier: none",)))
    assert not lowers_full(judged(Tier.NONE, forced="full"))
    assert not lowers_full(judged(labels=("eod/tier: none",)))


def test_what_is_refused_is_as_if_nobody_had_asked():
    verdict = refused(judged(Tier.FULL, labels=("eod/tier: none",)), CONFIG)
    assert (verdict.tier, verdict.forced_by, verdict.overrule) == (Tier.FULL, None, None)
    assert "cdn" in verdict.capabilities


def test_who_when_and_from_what_is_kept():
    overrule = overrule_of(kept(judged(Tier.FULL, labels=("eod/tier: none",)), ADA))
    assert (overrule.tier, overrule.found, overrule.by, overrule.at) == (Tier.NONE, Tier.FULL, "ada", AT)
    assert (overrule.how, overrule.name) == (How.LABEL, "eod/tier: none")
    assert kept(judged(Tier.FULL), ADA).overrule is None


def test_the_same_label_keeps_its_person_and_another_does_not():
    before = overrule_of(kept(judged(Tier.DATABASE, labels=("eod/tier: none",)), ADA))
    nobody = Overruler(how=How.LABEL)
    again = kept(judged(Tier.DATABASE, labels=("eod/tier: none",)), nobody)
    other = kept(judged(Tier.DATABASE, labels=("eod/tier: full",)), nobody)
    assert overrule_of(remembered(again, before)) == before
    assert overrule_of(remembered(other, before)).by == ""
    assert remembered(again, None) == again
    bob = structs.replace(ADA, by="bob")
    asked = kept(judged(Tier.FULL, labels=("eod/tier: none",)), bob)
    assert overrule_of(remembered(asked, before)).by == "bob"


def test_labels_that_name_a_tier():
    labels = ("EOD/Tier: none", "eod/tier: huge", "bug", "eod/tier:full")
    assert tier_labels(labels, "eod/tier: ")[0] == "EOD/Tier: none"
    assert "bug" not in tier_labels(labels, "eod/tier: ")
    assert "eod/tier: huge" not in tier_labels(labels, "eod/tier: ")
    assert label_of(Tier.FULL, "eod/tier: ") == "eod/tier: full"
