"""Values that have the right type and still cannot work. Each check tells one story; all of them are asked."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from ipaddress import ip_network
from pathlib import PurePosixPath
from typing import Any, Final

from eod.config.names import LONGEST_LABEL, label_problem, longest_name
from eod.config.nearest import clip, nearest
from eod.config.patterns import Pattern, PatternError
from eod.config.placeholders import APART, KNOWN, placeholders_in, unknown_in
from eod.config.problems import Problem
from eod.config.quantities import amount
from eod.config.schema.argocd import ArgoCdMode
from eod.config.schema.file import Config
from eod.config.shape import Path, dotted
from eod.config.tiers import resolve_tier
from eod.model.tier import Tier

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_UNSAFE_REF: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{")
_SOURCE_KEYS: Final = (
    "repoURL", "path", "targetRevision", "chart", "helm", "kustomize", "directory", "plugin", "ref", "name",
)  # fmt: skip

_PATTERN_HELP: Final = (
    "Quote a few plain words of the message, with `.*` between them; escape `. ( ) [ ] * + ?` by `\\`."
)

_Found = tuple[Path, str, str]
"""Where, what is wrong, and what to write instead."""


def check(config: Config, lines: Mapping[Path, int], *, besides: Collection[object] = ()) -> list[Problem]:
    """Everything about `config` that cannot work.

    Args:
        config: The configuration, its types already checked.
        lines: The line of each value that the file sets; a default has none and is blamed on the nearest parent.
        besides: Top-level keys that are not looked at.
    """
    return [
        Problem(line=_line(path, lines), what=f"`{dotted(path)}`: {what}", fix=fix)
        for each in _CHECKS
        for path, what, fix in each(config)
        if path[0] not in besides
    ]


def check_text(text: str, extra: Mapping[str, Any]) -> str | None:
    """What is wrong with one text of the file: its placeholders, or its form as a key."""
    if "\0" in text:
        return "A text cannot hold the character NUL."
    if extra.get("key") == "variable":
        legal = _VARIABLE.fullmatch(text)
        return None if legal else f"`{text}` is no name of a Terraform variable (letters, digits, `_` and `-`)."
    if extra.get("placeholders"):
        return unknown_in(text, extra["placeholders"]) or None
    known = [name for name in placeholders_in(text) if name in KNOWN]
    return f"The placeholder `{{{known[0]}}}` is not filled in here; write the text itself." if known else None


def _name(config: Config) -> Iterator[_Found]:
    names = placeholders_in(config.name)
    if names != ("number",):
        what = f"`{config.name}` must contain `{{number}}`, once, and no other placeholder."
        yield ("name",), what, "For instance `pr-{number}`."
        return
    example = longest_name(config)
    problem = label_problem(example)
    if problem:
        fix = f"It names namespace and host: at most {LONGEST_LABEL} lower-case letters, digits and dashes."
        yield ("name",), f"`{config.name}` gives `{example}`, which {problem}.", fix


def _tiers(config: Config) -> Iterator[_Found]:
    for tier, settings in config.tiers.items():
        path = ("tiers", str(tier))
        if tier is Tier.NONE:
            yield path, "Tier `none` gets nothing, so it has no settings.", "Remove it, or change another tier."
        elif settings.terraform and config.terraform is None:
            fix = "Add `terraform:` with its `directory`, or set this to false."
            yield (*path, "terraform"), f"Tier `{tier}` runs Terraform, but there is no `terraform` section.", fix


def _rules(config: Config) -> Iterator[_Found]:
    from pathspec import GitIgnoreSpec  # only files with rules pay for it

    lists = [(("rules", index, "paths"), rule.paths) for index, rule in enumerate(config.rules)]
    for path, patterns in [*lists, (("ignore",), config.ignore)]:
        for index, pattern in enumerate(patterns):
            try:
                usable = any(each.include is not None for each in GitIgnoreSpec.from_lines([pattern]).patterns)
            except ValueError:
                usable = False
            if not usable:
                yield (*path, index), f"`{pattern}` is no pattern of `.gitignore` that matches anything.", ""


def _terraform(config: Config) -> Iterator[_Found]:
    if config.terraform is None:
        return
    problem = _path_problem(config.terraform.directory)
    if problem:
        yield (
            ("terraform", "directory"),
            problem,
            "Write it from the repository's root, for instance `infra/preview`.",
        )
    keys: dict[Path, str] = {("terraform", "state-key"): config.terraform.state_key}
    if "key" in config.terraform.backend:
        keys["terraform", "backend", "key"] = str(config.terraform.backend["key"])
    for path, key in keys.items():
        if "environment" not in placeholders_in(key):
            fix = "Otherwise all environments share one state, and one teardown destroys them all."
            yield path, f"`{key}` must contain `{{environment}}`.", fix


def _faults(config: Config) -> Iterator[_Found]:
    for index, rule in enumerate(config.terraform.faults if config.terraform is not None else ()):
        path = ("terraform", "faults", index)
        try:
            Pattern(rule.pattern).check()
        except PatternError as error:
            yield (*path, "pattern"), f"`{clip(rule.pattern)}` cannot be used: {error}.", _PATTERN_HELP
        if rule.attempts and not rule.fault_class.may_pass:
            what = f"A fault of class `{rule.fault_class}` is not tried again, so it has no attempts."
            yield (*path, "attempts"), what, "Remove `attempts`, or choose `transient`, `conflict` or `replan`."


def _argocd(config: Config) -> Iterator[_Found]:
    argocd = config.argocd
    generated = argocd.mode is ArgoCdMode.APPLICATION_SET
    if generated and not argocd.application_set:
        fix = "Add `application-set:` with the name of the ApplicationSet that has the pull-request generator."
        yield ("argocd", "mode"), "Mode `applicationset` needs `application-set`.", fix
    if argocd.application_set and not generated:
        what = f"`application-set` is set, but the mode is `{argocd.mode}`."
        yield ("argocd", "application-set"), what, "Set `mode: applicationset`, or remove this key."
    yield from _must_differ(("argocd", "name"), argocd.name, "Application")
    for key in argocd.source:
        near = nearest(key, _SOURCE_KEYS)
        if key not in _SOURCE_KEYS and near:
            yield ("argocd", "source", key), f"Argo CD's `spec.source` has no `{key}`.", f"Did you mean `{near}`?"
    problem = _path_problem(str(argocd.source.get("path", ".")))
    if problem:
        yield ("argocd", "source", "path"), problem, "Write it from the repository's root."


def _guardrails(config: Config) -> Iterator[_Found]:
    rails = config.guardrails
    pairs = (("cpu", rails.cpu, rails.container_cpu), ("memory", rails.memory, rails.container_memory))
    for name, whole, part in pairs:
        if amount(whole) == 0:
            yield ("guardrails", name), f"With `{name}: {whole}` no pod could start.", "Write more than zero."
        elif amount(part) > amount(whole):
            what = f"A container's default of {part} is more than the namespace's {whole}, so no pod could start."
            yield ("guardrails", f"container-{name}"), what, f"Raise `{name}` or lower `container-{name}`."
    for index, cidr in enumerate(rails.allow_from_cidrs):
        problem = _cidr_problem(cidr)
        if problem:
            yield ("guardrails", "allow-from-cidrs", index), problem, "For instance `10.0.16.0/20`."


def _cidr_problem(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        return f"`{text}` is no range of addresses: {error}."
    return "" if network.prefixlen else f"`{text}` lets in everybody, as `network-policy: false` would."


def _ttl(config: Config) -> Iterator[_Found]:
    warn = config.ttl.warn_hours
    if warn >= config.ttl.hours:
        what = f"The warning is due {warn:g} hours before the end, but it all lasts only {config.ttl.hours:g}."
        yield ("ttl", "warn-hours"), what, "Write fewer hours than `ttl.hours`."
        return
    for tier, own in config.tiers.items():
        hours = resolve_tier(config, tier).ttl_hours or 0
        if own.ttl_hours is not None and warn >= hours:
            what = f"Tier `{tier}` lives {hours:g} hours, and the warning is due {warn:g} hours before the end."
            yield ("tiers", str(tier), "ttl-hours"), what, "Write more hours than `ttl.warn-hours`."


def _records(config: Config) -> Iterator[_Found]:
    branch = config.records.branch
    unsafe = _UNSAFE_REF.search(branch) or branch.startswith(("-", "/", ".", "refs/"))
    if unsafe or branch.endswith(("/", ".", ".lock")) or "/." in branch or branch == "@":
        yield ("records", "branch"), f"`{branch}` is no name of a branch.", "For instance `eod/environments`."
    problem = _path_problem(config.records.directory)
    if problem or config.records.directory.strip("./") == "":
        what = problem or "The records need a folder of their own."
        yield ("records", "directory"), what, "For instance `environments/preview`."


def _cdn(config: Config) -> Iterator[_Found]:
    cdn = config.aws.cdn
    if cdn.bucket:
        yield from _must_differ(("aws", "cdn", "prefix"), cdn.prefix, "purge at teardown")
    if cdn.shared_distribution:
        yield from _must_differ(("aws", "cdn", "invalidation-path"), cdn.invalidation_path, "invalidation")


def _github(config: Config) -> Iterator[_Found]:
    yield from _must_differ(("github", "environment"), config.github.environment, "Deployment")


def _must_differ(path: Path, text: str, what: str) -> Iterator[_Found]:
    if not APART.intersection(placeholders_in(text)):
        fix = "It must contain `{environment}`."
        yield path, f"With `{text}` every environment would share one {what}.", fix


def _path_problem(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or text.startswith("~") or re.match(r"[A-Za-z]:|\\", text):
        return f"`{text}` is an absolute path."
    if ".." in path.parts or "\\" in text:
        return f"`{text}` leaves the repository or is no path with forward slashes."
    return ""


def _line(path: Path, lines: Mapping[Path, int]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


_CHECKS: Final[tuple[Callable[[Config], Iterator[_Found]], ...]] = (
    _name, _tiers, _rules, _terraform, _faults, _argocd, _guardrails, _ttl, _records, _cdn, _github,
)  # fmt: skip
