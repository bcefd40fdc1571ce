from pathlib import Path

import click
import pytest
import yaml

from eod.inputs import INPUTS, OUTPUTS
from eod.model.record import Phase
from eod.records.machine import MOVES
from scripts.generators.action import environment_yaml, inputs_yaml, outputs_yaml
from scripts.generators.blocks import fill_block, table
from scripts.generators.phases import phases_diagram
from scripts.generators.targets import TARGETS, wanted

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", [target.path for target in TARGETS])
def test_generated_files_are_up_to_date(path):
    assert wanted(ROOT)[ROOT / path] == (ROOT / path).read_text(), "run scripts/generate"


def test_generating_twice_changes_nothing(tmp_path):
    for path, text in wanted(ROOT).items():
        place = tmp_path / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    assert {path.relative_to(tmp_path): text for path, text in wanted(tmp_path).items()} == {
        path.relative_to(ROOT): text for path, text in wanted(ROOT).items()
    }


def test_a_block_is_filled_wherever_it_stands_and_the_rest_is_kept():
    text = "a\n  # generated: x\n  old\n  # /generated\nb\n# generated: x\n# /generated\n"
    assert fill_block(text, "x", "one:\n  two", ".yml") == (
        "a\n  # generated: x\n  one:\n    two\n  # /generated\nb\n# generated: x\none:\n  two\n# /generated\n"
    )


def test_what_is_filled_in_is_no_pattern():
    text = "<!-- generated: x -->\n<!-- /generated -->\n"
    assert fill_block(text, "x", r"\1 \g<0>", ".md") == "<!-- generated: x -->\n\\1 \\g<0>\n<!-- /generated -->\n"


def test_a_missing_block_is_an_error():
    with pytest.raises(click.ClickException, match="no block"):
        fill_block("nothing here", "x", "y", ".md")


def test_a_table_keeps_bars_and_line_breaks_in_their_cells():
    assert table(("A", "B"), [("x|y", "1\n2")]) == "| A | B |\n| --- | --- |\n| x\\|y | 1 2 |\n"


def test_the_actions_blocks_are_yaml_that_says_what_the_table_says():
    inputs = yaml.safe_load(inputs_yaml())["inputs"]
    assert {name: (one["description"], one["default"], one["required"]) for name, one in inputs.items()} == {
        one.name: (one.description, one.default, one.required) for one in INPUTS
    }
    outputs = yaml.safe_load(outputs_yaml())["outputs"]
    assert list(outputs) == [one.name for one in OUTPUTS]
    assert set(yaml.safe_load(environment_yaml())) == {one.variable for one in INPUTS}


def test_the_diagram_shows_every_phase_and_only_moves_that_there_are():
    drawn = [
        line.split(" --> ") for line in phases_diagram().splitlines() if " --> " in line and "[*]" not in line
    ]
    names = {phase.value.replace("-", "_"): phase for phase in Phase}
    pairs = [(names[start.strip()], names[to.strip()]) for start, to in drawn]
    assert {phase for pair in pairs for phase in pair} == set(Phase)
    assert all(to in MOVES[start] for start, to in pairs)
