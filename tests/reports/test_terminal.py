import io

from eod.reports.terminal import LiveScreen, progress_lines, style
from tests.reports import samples


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def now(self):
        return samples.at(4, 43)


def test_what_goes_on_is_told_with_its_time():
    assert progress_lines(samples.APPLYING, samples.at(4, 43)) == [
        "  Terraform apply  4 min 10 s  3 of 6 resources",
        "  What the application needs  4 min 10 s",
        "    module.preview_env.aws_rds_cluster.main[0]  4 min 10 s",
        "    module.preview_env.aws_cloudfront_distribution.cdn[0]  4 min",
        "    module.preview_env.aws_route53_record.www  under 1 s",
    ]
    assert progress_lines(samples.READY, samples.at(20)) == []


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
