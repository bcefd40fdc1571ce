"""Every generated file, and what it should hold."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from scripts.generators import action, commands, configuration, phases, rules, schema
from scripts.generators.blocks import fill_block


class Target(NamedTuple):
    """One file. `render` gets what it holds now."""

    path: str
    render: Callable[[str], str]


def wanted(root: Path) -> dict[Path, str]:
    """What each generated file of the checkout at `root` should hold."""
    result = {}
    for target in TARGETS:
        path = root / target.path
        result[path] = target.render(path.read_text(encoding="utf-8") if path.exists() else "")
    return result


def _blocks(suffix: str, **contents: Callable[[], str]) -> Callable[[str], str]:
    def render(text: str) -> str:
        for name, content in contents.items():
            text = fill_block(text, name, content(), suffix)
        return text

    return render


TARGETS = (
    Target("schema/eod.schema.json", lambda _: schema.schema_text()),
    Target("docs/configuration.md", lambda _: configuration.configuration_text()),
    Target("docs/cli.md", lambda _: commands.commands_text()),
    Target("docs/records.md", _blocks(".md", phases=phases.phases_diagram, moves=phases.phases_table)),
    Target("docs/rules.md", lambda _: rules.rules_text()),
    Target("docs/tiers.md", _blocks(".md", examiners=rules.examiners_table)),
    Target(
        "action.yml",
        _blocks(
            ".yml", inputs=action.inputs_yaml, outputs=action.outputs_yaml, environment=action.environment_yaml
        ),
    ),
    Target("README.md", _blocks(".md", inputs=action.inputs_table, outputs=action.outputs_table)),
)
