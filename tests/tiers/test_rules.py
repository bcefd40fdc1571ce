import pytest

from eod import data
from eod.config import Config
from eod.model.change import ChangeKind, FileChange
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Stage
from eod.tiers.rules import RuleTable, built_in_rules, team_rules, words_of

RULES = data.read("tiers", RuleTable).rules


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


def test_every_built_in_rule_has_a_name_of_its_own():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))


def test_what_weighs_more_is_asked_before_what_weighs_less():
    ranks = [rule.tier.rank for rule in RULES if rule.stage is Stage.WEIGHT]
    weighty = [rank for rank in ranks if rank > 1]
    assert weighty == sorted(weighty, reverse=True)


def test_what_never_runs_asks_for_nothing():
    assert {rule.tier.value for rule in RULES if rule.stage is Stage.INERT} == {"none"}


def test_without_own_rules_the_team_says_nothing():
    file = ChangedFile(FileChange(path="anything", kind=ChangeKind.ADDED))
    assert team_rules(Config(domain="a.example")).opinion(file) is None


def test_a_rule_can_be_switched_off():
    file = ChangedFile(FileChange(path="src/payment.py", kind=ChangeKind.ADDED))
    config = Config(domain="a.example", switched_off=("sensitive",))
    found = built_in_rules(Stage.WEIGHT, config).opinion(file)
    assert found is not None
    assert found.rule == "code"
