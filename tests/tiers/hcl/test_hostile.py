"""Any bytes, any size, any depth: an opinion in bounded time, and the strictest where nothing can be told."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.hcl.parser import HclProcess
from eod.tiers.hcl.documents import BUDGET
from eod.tiers.hcl.pieces import pieces_of
from tests.runaway import RUNAWAY_SECONDS
from tests.tiers.builders import evidence_of, judge

QUEUE = 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n'
WORDS = [
    "resource",
    '"a"',
    "{",
    "}",
    "=",
    "\n",
    "${",
    '"',
    "<<E\n",
    "E\n",
    "#",
    "/*",
    "*/",
    "[",
    "(",
    ")",
    "]",
    "\\",
    "%{",
]


class Stub:
    """A parser that knows nothing."""

    def parse(self, text):
        return None


class Slow:
    """A parser that counts what it is asked."""

    def __init__(self):
        self.characters = 0

    def parse(self, text):
        self.characters += len(text)
        return {"a": len(text)}


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=60).map("".join)))
def test_whatever_is_cut_loses_nothing_but_comments_and_space(text):
    pieces = pieces_of(text)
    kept = "".join(piece.text for piece in pieces)
    assert len(kept) <= len(text)
    assert all(piece.text in text and piece.name is not None for piece in pieces)
    assert pieces_of(kept + "\n") is not None


@pytest.mark.process
@settings(max_examples=60)
@given(
    st.sampled_from(
        ["main.tf", "x.tf.json", "x.tfvars", "terragrunt.hcl", ".terraform.lock.hcl", "env.hcl", "x.hcl"]
    ),
    st.one_of(st.none(), st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=30).map("".join)),
    st.one_of(st.none(), st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=30).map("".join)),
)
def test_any_bytes_give_evidence(hcl, name, old, new):
    if old != new:
        assert evidence_of(f"infra/{name}", old, new, hcl=hcl).reason


def test_a_parser_that_gives_up_means_the_strictest_tier():
    found = evidence_of("infra/main.tf", QUEUE, QUEUE.replace('"jobs"\n}', '"x"\n}'), hcl=Stub())
    assert (str(found.tier), found.rule) == ("full", "hcl-unreadable")
    assert "does not parse" in found.reason


@pytest.mark.process
@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 200_000,
        "a = " + "(" * 100_000 + ")" * 100_000,
        'a = "' + "${" * 100_000,
        "a = <<" + "E\n" * 100_000,
        "/*" * 200_000,
        "#\n" * 200_000,
        " " * 400_000,
        ("x" * 100 + " = " + "1\n") * 4_000,
        QUEUE * 5_000,
        "x" * (9 << 20),
    ],
    ids=[
        "brackets",
        "parentheses",
        "templates",
        "heredocs",
        "comments",
        "lines",
        "space",
        "attributes",
        "blocks",
        "9MiB",
    ],
)
def test_bombs_are_bounded_and_strict_or_harmless(text):
    with HclProcess({}, seconds=2) as parser:
        began = time.process_time()
        found = evidence_of("infra/main.tf", QUEUE, QUEUE + text, hcl=parser)
        assert time.process_time() - began < 30
    assert str(found.tier) in {"full", "none"}
    assert (str(found.tier) == "none") <= (text[0] in "# /")


def test_there_is_only_so_much_that_is_parsed_for_one_pull_request():
    parser = Slow()
    item = "x = [\n" + "  1,\n" * 2_000 + "]\n"
    before = {f"m{at}/main.tf": item for at in range(100)}
    after = {path: item.replace("1,", f"{at},", 1) for at, path in enumerate(before)}
    evidence = judge(before, after, hcl=parser).evidence
    assert parser.characters <= BUDGET
    assert any("more HCL than can be read in time" in each.reason for each in evidence)
    assert len(evidence) == 99 or len(evidence) == 100


def test_what_both_sides_have_is_never_parsed():
    parser = Slow()
    big = "".join(f'resource "aws_sqs_queue" "q{at}" {{\n  name = "q{at}"\n}}\n' for at in range(2_000))
    evidence_of("infra/main.tf", big, big.replace('"q77"\n}', '"changed"\n}'), hcl=parser)
    assert parser.characters < 200


@pytest.mark.process
def test_keys_of_calls_that_never_end_are_bounded():
    text = '{"module": {"m": {"source": "../m"}}, "locals": {"a": "' + "module.m[" * 50_000 + '"}}'
    beside = {f"live{at}/main.tf.json": text for at in range(4)}
    old = 'output "size" {\n  value = "a"\n}\n'
    began = time.process_time()
    with HclProcess({}) as parser:
        evidence_of("m/main.tf", old, old.replace('"a"', '"b"'), beside=beside, hcl=parser)
    assert time.process_time() - began < RUNAWAY_SECONDS
