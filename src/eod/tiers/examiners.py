"""Who is asked, in which order. A subject's examiners stand in its own package."""

from functools import partial

from eod.config import Config
from eod.tiers.case import Case
from eod.tiers.file import ChangedFile
from eod.tiers.meaning import Unchanged
from eod.tiers.opinion import Examiner, Opinion, Stage
from eod.tiers.rules import PathRules, built_in_rules, team_rules


def examiners_for(config: Config) -> tuple[Examiner, ...]:
    """All examiners, in the order of their stages; within a stage the more particular come first."""
    return (
        _paths("team", Stage.TEAM, team_rules(config)),
        _paths("inert", Stage.INERT, built_in_rules(Stage.INERT, config)),
        Examiner("unchanged", Stage.UNCHANGED, Unchanged().ask),
        _paths("harmless", Stage.HARMLESS, built_in_rules(Stage.HARMLESS, config)),
        _paths("places", Stage.WEIGHT, built_in_rules(Stage.WEIGHT, config)),
    )


def _paths(name: str, stage: Stage, rules: PathRules) -> Examiner:
    return Examiner(name, stage, partial(_by_path, rules))


def _by_path(rules: PathRules, file: ChangedFile, _case: Case) -> Opinion | None:
    return rules.opinion(file)
