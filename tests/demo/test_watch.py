import io

import pytest
from rich.console import Console

from demo.watch import Watch


@pytest.fixture
def printed():
    return io.StringIO()


@pytest.fixture
def watch(printed):
    watch = Watch(Console(file=printed, width=100, highlight=False, emoji=False), live=False)
    with watch.following({122: "Show where a tea comes from"}):
        yield watch


def lines(printed):
    return [line.partition(" s  ")[2].rstrip() for line in printed.getvalue().splitlines()]


def test_what_is_done_is_printed_and_what_goes_on_is_not(watch, printed):
    for line in (
        "… Terraform plan",
        "✓ Terraform plan (9 s)",
        "  creating aws_sqs_queue.work",
        "  Argo CD: syncing",
    ):
        watch.hear(122, line)
    assert lines(printed) == ["#122 ✓ Terraform plan (9 s)"]


def test_what_goes_on_stands_in_the_row(watch, printed):
    watch.move(122, "opening", "grace opens it")
    watch.hear(122, "… Terraform plan")
    Console(file=printed, width=100).print(watch.table())
    row = printed.getvalue().splitlines()[-1]
    for expected in ("#122", "Show where a tea comes from", "opening", "0 s", "Terraform plan"):
        assert expected in row


def test_a_sweeps_lines_lose_the_name_that_is_there_already(watch, printed):
    watch.hear(122, "pr-122: ✓ Delete the namespace (1 s)")
    assert lines(printed) == ["#122 ✓ Delete the namespace (1 s)"]


@pytest.mark.parametrize("text", ["[bold]no[/bold]", "[/]", "\x1b[31mred", ":smile:"])
def test_nothing_that_a_job_prints_is_markup(watch, printed, text):
    watch.hear(122, text)
    watch.hear(122, f"… {text}")
    Console(file=printed, width=100, emoji=False).print(watch.table())
    assert "\x1b" not in printed.getvalue()
    assert printed.getvalue().count(text.replace("\x1b", "")) == 2, "once as a line, once in the row"
