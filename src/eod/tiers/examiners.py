"""Who is asked, in which order. A subject's examiners stand in its own package."""

from functools import partial

from eod.config import Config
from eod.tiers import manifests
from eod.tiers.case import Case
from eod.tiers.dependencies.examiner import dependencies
from eod.tiers.file import ChangedFile
from eod.tiers.frontend import frontend, styles
from eod.tiers.hcl.examiner import hcl
from eod.tiers.infrastructure import infrastructure
from eod.tiers.meaning import Unchanged
from eod.tiers.opinion import Examiner, Opinion, Stage
from eod.tiers.origin import documentation, generated, mode, script, submodule, vendored
from eod.tiers.oversized import oversized
from eod.tiers.rules import PathRules, built_in_rules, team_rules
from eod.tiers.schema import migrations, models
from eod.tiers.sensitive.critical import critical
from eod.tiers.sensitive.examiner import sensitive


def examiners_for(config: Config) -> tuple[Examiner, ...]:
    """All examiners, in the order of their stages; within a stage the more particular come first."""
    return (
        _paths("team", Stage.TEAM, team_rules(config)),
        _paths("inert", Stage.INERT, built_in_rules(Stage.INERT, config)),
        Examiner("documentation", Stage.INERT, documentation),
        Examiner("mode", Stage.UNCHANGED, mode),
        Examiner("unchanged", Stage.UNCHANGED, Unchanged().ask),
        Examiner("critical", Stage.HARMLESS, critical),
        Examiner("styles", Stage.HARMLESS, styles),
        _paths("harmless", Stage.HARMLESS, built_in_rules(Stage.HARMLESS, config)),
        Examiner("vendored", Stage.HARMLESS, vendored),
        Examiner("submodule", Stage.MEANING, submodule),
        Examiner("hcl", Stage.MEANING, hcl),
        Examiner("manifests", Stage.MEANING, manifests.ask),
        Examiner("dependencies", Stage.MEANING, dependencies),
        Examiner("oversized", Stage.MEANING, oversized),
        Examiner("generated", Stage.MEANING, generated),
        Examiner("script", Stage.WEIGHT, script),
        Examiner("frontend", Stage.WEIGHT, frontend),
        Examiner("migrations", Stage.WEIGHT, migrations),
        Examiner("models", Stage.WEIGHT, models),
        Examiner("infrastructure-code", Stage.WEIGHT, infrastructure),
        Examiner("deployment-places", Stage.WEIGHT, manifests.ask_place),
        _paths("team-moved", Stage.WEIGHT, team_rules(config, everywhere=False)),
        _paths("places", Stage.WEIGHT, built_in_rules(Stage.WEIGHT, config)),
        Examiner("sensitive", Stage.WEIGHT, sensitive),
    )


def _paths(name: str, stage: Stage, rules: PathRules) -> Examiner:
    return Examiner(name, stage, partial(_by_path, rules))


def _by_path(rules: PathRules, file: ChangedFile, _case: Case) -> Opinion | None:
    return rules.opinion(file)
