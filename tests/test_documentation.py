"""What the documents say can be done as they say it."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from eod.config import Config
from eod.config.loader import load
from eod.data import read
from eod.tiers.examiners import examiners_for
from eod.tiers.rules import RuleTable
from scripts.generators.rules import rules_of, texts

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
TUNING = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/tiers.md").read_text(), re.MULTILINE | re.DOTALL)
EXAMINERS = [examiner.name for examiner in examiners_for(Config(domain="a.example"))]
BY_RULE = {rule.name: rule for one in texts().examiners for rule in rules_of(one)}
CODE = sorted((ROOT / "src/eod/tiers").rglob("*.py"))


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("text", TUNING)
def test_examples_of_tuning_are_configurations(text):
    load(f"domain: a.example\n{text}", "docs/tiers.md")


def test_every_way_to_tune_has_an_example():
    keys = {key for text in TUNING for key in yaml.safe_load(text)}
    assert {
        "rules", "ignore", "switched-off", "critical", "words", "default-tier", "tiers", "labels", "overrule",
    } <= keys  # fmt: skip


def test_examples_switch_off_what_there_is():
    named = {name for text in TUNING for name in yaml.safe_load(text).get("switched-off", ())}
    assert named
    assert named <= {*EXAMINERS, *(rule.name for rule in read("tiers", RuleTable).rules)}


def test_the_page_of_rules_has_all_examiners_in_their_order():
    assert [one.name for one in texts().examiners] == EXAMINERS


def named_in(path):
    """The rules that a module gives to its opinions, as far as they are written there as text."""
    tree = ast.parse(path.read_text())
    constants = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            constants[ast.unparse(target)] = node.value.value
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        if getattr(call.func, "id", "") not in {"Opinion", "Weight"} or len(call.args) < 3:
            continue
        rule = call.args[1]
        if isinstance(rule, ast.Constant):
            yield rule.value
        elif isinstance(rule, ast.Name) and rule.id in constants:
            yield constants[rule.id]


def test_every_rule_of_the_code_is_on_the_page():
    named = {rule for path in CODE for rule in named_in(path)}
    assert len(named) > 60
    assert named <= {*BY_RULE, *(rule.name for rule in texts().verdicts)}


def test_no_rule_on_the_page_is_gone_from_the_code():
    code = "\n".join(path.read_text() for path in CODE)
    data = "\n".join(path.read_text() for path in (ROOT / "src/eod/data").glob("*.toml"))
    for examiner in texts().examiners:
        for rule in examiner.rules:
            known = f'"{rule.name}"' in code or f'"{rule.name}"' in data
            assert known or rule.name in {"hcl-import", "hcl-removed", "hcl-check"}, rule.name
