import pytest

from eod.config import Config
from eod.model.change import ChangeKind
from eod.tiers.rules import built_in_rules, rules_for, words_of


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a/PaymentService.java", "a/payment-service-java"),
        ("OAuth2Provider.ts", "o-auth2-provider-ts"),
        ("JWTToken", "jwt-token"),
        ("snake_case-and.dots", "snake-case-and-dots"),
        ("é/ÀB", "-/-b"),
    ],
)
def test_paths_are_cut_into_words(path, words):
    assert words_of(path) == words


def test_every_built_in_rule_speaks_of_something_and_gives_a_reason():
    names = [rule.name for rule in built_in_rules()]
    assert len(names) == len(set(names))
    assert names[:3] == ["tests", "ci", "docs"]


def test_what_weighs_more_is_asked_before_what_weighs_less():
    ranks = [rule.tier.rank for rule in built_in_rules()]
    weighty = [rank for rank in ranks if rank > 1]
    assert weighty == sorted(weighty, reverse=True)


def test_without_own_rules_only_the_ignore_list_comes_before_the_built_in_ones():
    rules = rules_for(Config(domain="a.example"))
    assert rules[0].name == "ignore"
    assert rules[0].match("anything", ChangeKind.ADDED) is None
    assert rules[1:] == built_in_rules()
