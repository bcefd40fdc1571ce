import io

from msgspec import structs

from eod.model.forecast import Estimate, Spread
from eod.reports.terminal import LiveScreen, beginnings, progress_lines, style
from tests.reports import samples


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def now(self):
        return samples.at(4, 43)


def test_what_goes_on_is_told_with_its_time():
    assert progress_lines(samples.APPLYING, samples.at(4, 43)) == [
        "  Terraform apply  4 min 10 s  3 of 13 resources",
        "  What the application needs  4 min 10 s",
        "    module.preview_env.aws_rds_cluster.main[0]  4 min 10 s",
        "    module.preview_env.aws_cloudfront_distribution.cdn[0]  4 min",
        "    module.preview_env.aws_route53_record.www  under 1 s",
    ]
    assert progress_lines(samples.READY, samples.at(20)) == []


def test_a_resource_goes_on_between_what_terraform_says_of_it():
    began = beginnings({}, samples.APPLYING, samples.at(4, 43))
    later = beginnings(began, samples.APPLYING, samples.at(4, 50))
    assert later == began
    assert "    module.preview_env.aws_rds_cluster.main[0]  4 min 17 s" in progress_lines(
        samples.APPLYING, samples.at(4, 50), later
    )
    assert beginnings(later, structs.replace(samples.APPLYING, progress=()), samples.at(5)) == {}


def test_what_all_wait_for_is_marked_until_it_can_be_used():
    soon = Spread(low=60, typical=120, high=180)
    database = "module.preview_env.aws_rds_cluster.main[0]"
    waiting = Estimate(at=samples.at(4, 43), usable=soon, done=soon, waiting_for=database)
    outcome = structs.replace(samples.APPLYING, estimate=waiting)
    marked = [line for line in progress_lines(outcome, samples.at(4, 43)) if "all wait for this" in line]
    assert marked == ["    module.preview_env.aws_rds_cluster.main[0]  4 min 10 s  (all wait for this)"]


def test_lines_stay_above_what_moves_and_what_moves_goes_at_the_end():
    stream = Terminal()
    screen = LiveScreen(stream, Clock(), moving=False)
    screen.show(samples.APPLYING)
    assert "Terraform apply  4 min 10 s" in stream.getvalue()
    screen.write("✓ Terraform plan [not markup] \x1b[31mred\x1b[0m")
    assert "[not markup]" in stream.getvalue()
    screen.close()
    screen.close()
    screen.write("the end")
    assert stream.getvalue().rstrip().endswith("the end")


def test_errors_are_red_and_unknown_kinds_plain():
    assert style("error:", "error").startswith("\x1b[31m")
    assert "plain" in style("plain", "other")


def test_one_resource_is_one():
    (one, *_) = samples.APPLYING.progress
    alone = structs.replace(samples.APPLYING, plan=None, progress=(structs.replace(one, state="started"),))
    assert progress_lines(alone, samples.at(4, 43))[0] == "  Terraform apply  4 min 10 s  0 of 1 resource"
