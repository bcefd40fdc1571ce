"""Rules: which paths ask for which tier. The team's own come first, then those of `data/tiers.toml`."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct
from pathspec import GitIgnoreSpec

from eod import data
from eod.config import Config
from eod.model.change import ChangeKind
from eod.model.tier import Tier

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN: Final = re.compile(r"[^a-z0-9/]+")
_LINE_BREAKS: Final = str.maketrans({"\n": "\N{SYMBOL FOR NEWLINE}", "\r": "\N{SYMBOL FOR CARRIAGE RETURN}"})


class Match(NamedTuple):
    """What a rule says about one path."""

    tier: Tier
    rule: str
    reason: str


class RuleData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of `data/tiers.toml`."""

    name: str
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
        self._spec = GitIgnoreSpec.from_lines(paths)
        self._words = _word_pattern(words)
        self._kinds = frozenset(kinds)

    def match(self, path: str, kind: ChangeKind) -> Match | None:
        """What this rule says about `path`, or `None` if it does not speak of it."""
        if self._kinds and kind not in self._kinds:
            return None
        # The patterns become regular expressions in which a line break would be special.
        if self._spec.match_file(path.translate(_LINE_BREAKS)):
            return Match(self.tier, self.name, self.reason)
        found = self._words.search(words_of(path)) if self._words else None
        if found:
            return Match(self.tier, self.name, f"{self.reason} The path says `{found[0]}`.")
        return None


def rules_for(config: Config) -> tuple[Rule, ...]:
    """All rules in the order in which they are asked."""
    own = tuple(
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
    return (*own, ignored, *built_in_rules())


@cache
def built_in_rules() -> tuple[Rule, ...]:
    """The built-in rules, read and compiled once a process."""
    return tuple(
        Rule(
            name=rule.name,
            tier=rule.tier,
            reason=rule.reason,
            paths=rule.paths,
            words=rule.words,
            kinds=rule.kinds,
        )
        for rule in data.read("tiers", _Table).rules
    )


def words_of(path: str) -> str:
    """The words of `path` in lower case, with dashes between: `a/PaymentForm.go` gives `a/payment-form-go`."""
    return _BETWEEN.sub("-", _CAMEL.sub("-", path).lower())


class _Table(Struct, frozen=True):
    rules: tuple[RuleData, ...]


def _word_pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all words: a dash may be missing, a final `*` stands for the rest of a word."""
    parts = [
        "-?".join(re.escape(part) for part in word.removesuffix("*").split("-"))
        + ("[a-z0-9]*" * word.endswith("*"))
        for word in words
    ]
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(parts)})(?![a-z0-9])") if parts else None
