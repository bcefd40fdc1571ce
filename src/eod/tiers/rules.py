"""Rules that look at the path alone: the team's own, and those of `data/tiers.toml`, stage by stage."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from msgspec import Struct

from eod import data
from eod.config import Config
from eod.data.globs import Globs
from eod.model.change import ChangeKind
from eod.model.tier import Tier
from eod.tiers.file import ChangedFile
from eod.tiers.opinion import Opinion, Stage

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN: Final = re.compile(r"[^a-z0-9/]+")


class RuleData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of `data/tiers.toml`."""

    name: str
    stage: Stage
    tier: Tier
    reason: str
    source: str
    paths: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[ChangeKind, ...] = ()


class Rule:
    """One rule, ready to be asked. `kinds` empty means any kind of change."""

    def __init__(
        self,
        *,
        name: str,
        tier: Tier,
        reason: str,
        paths: Iterable[str] = (),
        words: Iterable[str] = (),
        kinds: Iterable[ChangeKind] = (),
    ) -> None:
        self.name = name
        self.tier = tier
        self.reason = reason
        self._globs = Globs(paths)
        self._words = _word_pattern(words)
        self._kinds = frozenset(kinds)

    def match(self, path: str, kind: ChangeKind) -> Opinion | None:
        """What this rule says about `path`, or `None` if it does not speak of it."""
        if self._kinds and kind not in self._kinds:
            return None
        if self._globs.match(path):
            return Opinion(self.tier, self.name, self.reason)
        found = self._words.search(words_of(path)) if self._words else None
        if found:
            return Opinion(self.tier, self.name, f"{self.reason} The path says `{found[0]}`.")
        return None


class PathRules:
    """Rules of which the first that matches speaks.

    Args:
        rules: In the order in which they are asked.
        everywhere: A renamed file must match at both its places; else the stricter place counts, because the file
            is gone from the other one.
    """

    def __init__(self, rules: Iterable[Rule], *, everywhere: bool = False) -> None:
        self._rules = tuple(rules)
        self._everywhere = everywhere

    def opinion(self, file: ChangedFile) -> Opinion | None:
        """What the rules say about `file`."""
        found = [self._first(path, file.kind) for path in file.paths]
        opinions = [opinion for opinion in found if opinion is not None]
        if not opinions or (self._everywhere and len(opinions) < len(found)):
            return None
        here, *moved = opinions
        for before in moved:
            if before.tier.rank > here.tier.rank:
                here = Opinion(before.tier, before.rule, f"{before.reason} It was moved from there.")
        return here

    def _first(self, path: str, kind: ChangeKind) -> Opinion | None:
        return next((opinion for rule in self._rules if (opinion := rule.match(path, kind))), None)


def team_rules(config: Config, *, everywhere: bool = True) -> PathRules:
    """The rules of the configuration, then what it ignores.

    Args:
        config: The configuration.
        everywhere: Whether a renamed file must match at both its places.
    """
    own = (
        Rule(
            name=rule.name or rule.paths[0],
            tier=rule.tier,
            reason=rule.reason or f"A rule of this repository asks for {rule.tier}.",
            paths=rule.paths,
        )
        for rule in config.rules
    )
    ignored = Rule(
        name="ignore", tier=Tier.NONE, reason="This repository ignores such files.", paths=config.ignore
    )
    return PathRules((*own, ignored), everywhere=everywhere)


def built_in_rules(stage: Stage, config: Config) -> PathRules:
    """The built-in rules of one stage, without those that the configuration switches off."""
    rules = (rule for rule in _compiled(stage) if rule.name not in config.switched_off)
    return PathRules(rules, everywhere=stage is not Stage.WEIGHT)


@cache
def _compiled(stage: Stage) -> tuple[Rule, ...]:
    """Read and compiled once a process."""
    return tuple(
        Rule(
            name=rule.name,
            tier=rule.tier,
            reason=rule.reason,
            paths=rule.paths,
            words=rule.words,
            kinds=rule.kinds,
        )
        for rule in data.read("tiers", RuleTable).rules
        if rule.stage is stage
    )


def words_of(path: str) -> str:
    """The words of `path` in lower case, with dashes between: `a/PaymentForm.go` gives `a/payment-form-go`."""
    return _BETWEEN.sub("-", _CAMEL.sub("-", path).lower())


class RuleTable(Struct, frozen=True):
    """The rules of `data/tiers.toml`."""

    rules: tuple[RuleData, ...]


def _word_pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all words: a dash may be missing, a final `*` stands for the rest of a word."""
    parts = [
        "-?".join(re.escape(part) for part in word.removesuffix("*").split("-"))
        + ("[a-z0-9]*" * word.endswith("*"))
        for word in words
    ]
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(parts)})(?![a-z0-9])") if parts else None
