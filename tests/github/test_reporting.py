import pytest
from msgspec import structs

from eod.github.runner import Runner
from eod.github.voices import RunnerVoice
from eod.reports.renderer import COMMENT_CHARACTERS
from eod.reports.reporter import RunReporter
from standins.github import faults
from tests.github.reading import obeyed, outputs
from tests.reports import samples

pytestmark = [pytest.mark.network, pytest.mark.process]


class Clock:
    def now(self):
        return samples.at(16)

    def monotonic(self):
        return 0.0


@pytest.fixture
def desk(shop, tmp_path):
    lines: list[str] = []
    runner = Runner(
        RunnerVoice(lambda: "token"),
        lines.append,
        output_file=tmp_path / "output",
        summary_file=tmp_path / "summary",
    )
    reporter = RunReporter(runner, Clock(), comments=shop.forge())
    return reporter, lines, tmp_path


def test_a_run_is_one_comment_one_summary_and_all_outputs(shop, desk):
    reporter, lines, files = desk
    for name in ("first-seconds", "starting", "planning", "applying", "syncing", "cooking"):
        reporter.update(structs.replace(samples.SITUATIONS[name], pr_number=shop.number), now=True)
    reporter.finish(structs.replace(samples.READY, pr_number=shop.number))
    assert len(shop.bodies) == 1
    assert "pr-123.acme.dev](https://pr-123.acme.dev/) is ready" in shop.bodies[0]
    assert outputs((files / "output").read_text())["phase"] == "ready"
    assert (files / "summary").read_text().count("is ready") == 1
    told = obeyed("\n".join(lines))
    assert [name for name, _ in told] == ["group", "stop-commands", "endgroup"]
    assert told[0][1] == "Terraform plan: 13 to add, 0 to change, 0 to destroy"


def test_the_largest_comment_is_taken(shop, desk):
    reporter, _, _ = desk
    big = structs.replace(samples.READY, pr_number=shop.number, plan_text="  + a line of é💥\n" * 50_000)
    reporter.finish(big)
    assert COMMENT_CHARACTERS - 30_000 < len(shop.bodies[0]) <= COMMENT_CHARACTERS


def test_an_outage_of_github_does_not_hold_a_run_up(shop, desk):
    reporter, lines, _ = desk
    shop.github.inject(faults.secondary_rate_limit(retry_after=60), "*comments*", times=None)
    reporter.update(structs.replace(samples.STARTING, pr_number=shop.number))
    assert shop.waits == []
    assert "was not updated" in lines[-1]
