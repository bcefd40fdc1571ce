from datetime import timedelta

import msgspec
from msgspec import structs

from eod.reports.redact import MASK, Redactor
from eod.reports.renderer import Renderer
from eod.reports.reporter import RunReporter
from eod.reports.snapshots import CleanSnapshots
from tests.reports import samples
from tests.reports.test_reporter import Clock, Paper, PullRequest

SECRET = "swordfish"
ONE, OTHER = (
    structs.replace(samples.PROGRESS[0], address=f"aws_sqs_queue.{name}", state="started") for name in "ab"
)


def applying(*progress, **changes):
    return structs.replace(samples.APPLYING, progress=progress, **changes)


def everything(data):
    return msgspec.json.encode(data).decode()


def test_a_snapshot_tells_only_the_resources_with_something_new():
    snapshots = CleanSnapshots(Redactor())
    done = structs.replace(ONE, state="complete")
    assert snapshots.step(applying(ONE, OTHER))[1].progress == (ONE, OTHER)
    before, after = snapshots.step(applying(OTHER, done))
    whole = snapshots.whole()
    assert before is not None
    assert whole is not None
    assert (before.progress, after.progress) == ((ONE,), (done,))
    assert whole.progress == (OTHER, done)


def test_what_becomes_a_secret_later_leaves_no_piece_that_was_kept():
    redactor = Redactor()
    snapshots = CleanSnapshots(redactor)
    told = applying(structs.replace(ONE, message=f"it is {SECRET}"), OTHER, notices=(f"also {SECRET}",))
    assert SECRET in everything(snapshots.step(told)[1])
    redactor.learn([SECRET])
    assert SECRET not in everything(snapshots.whole())
    before, after = snapshots.step(structs.replace(told, url="https://other.example"))
    assert SECRET not in everything(before) + everything(after) + everything(snapshots.whole())
    assert after.notices == (f"also {MASK}",)


def test_a_secret_that_is_learned_between_two_edits_is_in_no_later_comment():
    pull, clock, redactor = PullRequest(), Clock(), Redactor()
    reporter = RunReporter(Paper(), clock, renderer=Renderer(redactor), comments=pull)
    told = applying(ONE, notices=(f"see {SECRET}",))
    reporter.update(told)
    redactor.learn([SECRET])
    clock.seconds += timedelta(minutes=1).total_seconds()
    reporter.update(structs.replace(told, progress=(ONE, OTHER)))
    first, second = (body for _, body, _ in pull.writes)
    assert SECRET in first
    assert SECRET not in second


def test_an_address_with_a_secret_in_it_is_told_once():
    paper = Paper()
    reporter = RunReporter(paper, Clock(), renderer=Renderer(Redactor([SECRET])))
    named = structs.replace(ONE, address=f'aws_sqs_queue.q["{SECRET}"]')
    reporter.update(applying(named))
    reporter.update(applying(named, OTHER))
    reporter.update(applying(OTHER, structs.replace(named, state="progress", elapsed_seconds=10)))
    told = [line for line in paper.lines if f'q["{MASK}"]' in line]
    assert len(told) == 1
    assert not any(SECRET in line for line in paper.lines)
