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


def shown(watch):
    """The row that moves."""
    drawn = io.StringIO()
    Console(file=drawn, width=100, emoji=False).print(watch.table())
    return drawn.getvalue().splitlines()[-1]


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
    watch.move(122, "provisioning", "grace opens it")
    watch.hear(122, "… Terraform plan")
    for expected in ("#122", "Show where a tea comes from", "provisioning", "0 s", "Terraform plan"):
        assert expected in shown(watch)


def test_a_sweeps_lines_lose_the_name_that_is_there_already(watch, printed):
    watch.hear(122, "pr-122: ✓ Delete the namespace (1 s)")
    assert lines(printed) == ["#122 ✓ Delete the namespace (1 s)"]


@pytest.mark.parametrize("text", ["[bold]no[/bold]", "[/]", "\x1b[31mred", ":smile:"])
def test_nothing_that_a_job_prints_is_markup(watch, printed, text):
    watch.hear(122, text)
    watch.hear(122, f"… {text}")
    for told in (printed.getvalue(), shown(watch)):
        assert "\x1b" not in told
        assert text.replace("\x1b", "") in told


def test_what_has_ended_gives_way_to_what_still_goes_on(watch, printed):
    told = ["… Terraform apply", "  creating aws_rds_cluster.database", "  creating aws_s3_bucket.site"]
    for line in [*told, "  created aws_s3_bucket.site (1 s)"]:
        watch.hear(122, line)
    assert "creating aws_rds_cluster.database" in shown(watch)
    for line in ["  created aws_rds_cluster.database (30 s)", "✓ Terraform apply (31 s): 2 added"]:
        watch.hear(122, line)
    assert "apply" not in shown(watch)
