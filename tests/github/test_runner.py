import itertools
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eod.github.commands import command, defused, masks, paused
from eod.github.runner import SUMMARY_BYTES, Runner
from eod.github.voices import PlainVoice, RunnerVoice
from tests.github.reading import obeyed, outputs

NASTY = st.one_of(
    st.text(),
    st.text(alphabet=":#[]\r\n %,=|\u200b\ufe0f\x00addmaskstopcommands-"),
    st.lists(
        st.sampled_from(
            ["::", "##[", "add-mask", "set-output name=x", "]", "\r", "\n", " ", "\u200b", "%0A", "::error::", "x",
             "stop-commands", "\u00ad", "\ufeff", "#", "[", ":", "\ud800", "\x1b[2K"]
        )
    ).map("".join),
)  # fmt: skip


class Page:
    def __init__(self, voice=None, **files):
        self.lines: list[str] = []
        tokens = (f"token-{index:032x}" for index in itertools.count())
        self.runner = Runner(voice or RunnerVoice(lambda: next(tokens)), self.lines.append, **files)

    @property
    def log(self):
        return "\n".join(self.lines)


@given(NASTY)
@example("::add-mask::x")
@example(" \u200b:\u200b:add-mask::x")
@example("harmless ##[add-mask]x")
@example("#\u200b#[add-mask]x")
@example("fine\r::set-output name=url::https://evil")
def test_what_is_said_is_never_a_command(text):
    page = Page()
    page.runner.say(text)
    assert obeyed(page.log) == []


@given(NASTY, NASTY)
def test_an_annotation_is_exactly_one_command(message, title):
    page = Page()
    page.runner.error(message, title=title, file=title, line=3)
    assert [name for name, _ in obeyed(page.log)] == ["error"]
    assert len(page.lines) == 1
    assert "\n" not in page.log.rstrip("\n")
    assert "\r" not in page.log


@given(NASTY)
def test_a_group_is_opened_and_closed_whatever_its_title(title):
    page = Page()
    with page.runner.group(title):
        page.runner.say("inside")
    assert [name for name, _ in obeyed(page.log)] == ["group", "endgroup"]


@given(NASTY, NASTY)
def test_what_is_folded_neither_opens_nor_closes_a_fold(title, text):
    page = Page()
    page.runner.fold(title, f"{text}\n::endgroup::\n::group::mine\n##[group]mine\n::set-output name=a::b")
    page.runner.notice("after")
    assert [name for name, _ in obeyed(page.log)] == ["group", "stop-commands", "endgroup", "notice"]


@given(NASTY, NASTY)
def test_quoted_output_is_obeyed_by_nobody_and_commands_work_again_after_it(text, second):
    page = Page()
    page.runner.quote(text)
    page.runner.quote(second)
    page.runner.notice("after")
    assert [name for name, _ in obeyed(page.log)] == ["stop-commands", "stop-commands", "notice"]


@given(st.dictionaries(st.sampled_from(["url", "tier", "certificate"]), NASTY))
def test_no_output_becomes_two(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("outputs") / "output"
    Page(output_file=path).runner.set_outputs(values)
    text = path.read_bytes().decode() if path.exists() else ""
    assert outputs(text) == {name: value.encode("utf-8", "replace").decode() for name, value in values.items()}


def test_percent_and_line_ends_are_escaped_and_colon_and_comma_in_properties():
    said = command("error", "50%\r\na:b,c", title="x: 50%, y", file="a,b", line=7)
    assert said == "::error title=x%3A 50%25%2C y,file=a%2Cb,line=7::50%25%0D%0Aa:b,c"


def test_properties_without_a_value_are_left_out():
    assert command("error", "oops", title="", file="", line=0) == "::error::oops"


def test_nothing_visible_is_lost_when_a_line_is_defused():
    assert defused("::add-mask::x") == "| ::add-mask::x"
    assert defused("arn:aws:s3:::bucket") == "arn:aws:s3:::bucket"
    assert defused("✓ plan\t12 s") == "✓ plan 12 s"


def test_each_quotation_has_a_token_of_its_own():
    assert paused("x", "t1") == ["::stop-commands::t1", "x", "::t1::"]


def test_a_secret_of_several_lines_is_masked_line_by_line():
    assert masks("BEGIN KEY\n  abcdef\r\n}\n\nabcdef\n100%") == [
        "::add-mask::BEGIN KEY",
        "::add-mask::abcdef",
        "::add-mask::100%25",
    ]


@pytest.mark.parametrize("voice", [None, PlainVoice()])
def test_a_masked_secret_is_not_printed_again(voice):
    page = Page(voice)
    page.runner.mask("hunter22\nsecond-line")
    before = len(page.lines)
    page.runner.say("password hunter22")
    page.runner.error("second-line leaked", title="hunter22")
    page.runner.quote("terraform says hunter22")
    assert "hunter22" not in "\n".join(page.lines[before:])
    assert "second-line" not in "\n".join(page.lines[before:])


def test_the_summary_is_added_to_and_never_over_its_limit(tmp_path):
    path = tmp_path / "summary"
    path.write_text("# from an earlier step of the action\n")
    page = Page(summary_file=path)
    assert page.runner.summary_room == SUMMARY_BYTES - path.stat().st_size
    page.runner.add_summary("## ours")
    page.runner.add_summary("é" * (SUMMARY_BYTES // 2))
    assert path.read_text() == "# from an earlier step of the action\n## ours\n\n"
    assert "summary is full" in page.log


def test_outside_a_workflow_there_are_no_outputs_and_no_summary():
    page = Page(PlainVoice())
    page.runner.set_outputs({"tier": "full"})
    page.runner.add_summary("## x")
    assert page.runner.summary_room == 0
    assert page.lines == []


def test_a_terminal_reads_plain_words():
    page = Page(PlainVoice(verbose=True))
    page.runner.error("boom", title="plan", file="main.tf", line=3)
    page.runner.warning("careful", file="main.tf")
    page.runner.debug("detail")
    page.runner.quote("their\nwords\x1b[2K")
    with page.runner.group("Plan"):
        page.runner.say("inside")
    assert page.lines == [
        "error: plan: boom (main.tf:3)",
        "warning: careful (main.tf)",
        "detail",
        "  their",
        "  words[2K",
        "Plan",
        "inside",
    ]


def test_a_terminal_hides_debug_messages_unless_asked():
    page = Page(PlainVoice())
    page.runner.debug("detail")
    assert page.lines == []


def test_a_runner_gets_debug_messages_as_such():
    page = Page()
    page.runner.debug("detail\nmore")
    assert page.lines == ["::debug::detail%0Amore"]


def test_quotations_of_two_threads_do_not_mix():
    page = Page()

    def quote():
        for _ in range(50):
            page.runner.quote("a\nb\nc")

    threads = [threading.Thread(target=quote) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(
        page.lines[index + 1 : index + 4] == ["a", "b", "c"]
        for index, line in enumerate(page.lines)
        if line.startswith("::stop-commands::")
    )
