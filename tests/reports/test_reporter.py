import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from msgspec import structs

from eod.errors import CancelledError, GitHubError
from eod.model.record import Failure
from eod.reports.redact import Redactor
from eod.reports.renderer import Renderer
from eod.reports.reporter import RunReporter
from tests.reports import samples


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return samples.START + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds


class PullRequest:
    """Keeps comments as GitHub would, and can be made to refuse."""

    def __init__(self):
        self.writes = []
        self.added = []
        self.ids = []
        self.error = None
        self.in_haste = False

    def put_comment(self, number, body, comment_id):
        if self.error is not None:
            raise self.error
        self.ids.append(comment_id)
        self.writes.append((number, body, self.in_haste))
        return 77

    def add_comment(self, number, body):
        if self.error is not None:
            raise self.error
        self.added.append((number, body))
        return 78

    @contextmanager
    def hasty(self):
        self.in_haste = True
        try:
            yield
        finally:
            self.in_haste = False


class Paper:
    def __init__(self, room=1024 * 1024):
        self.lines = []
        self.annotations = []
        self.folds = []
        self.outputs = []
        self.summaries = []
        self.summary_room = room

    def say(self, message):
        self.lines.append(message)

    def fold(self, title, text):
        self.folds.append((title, text))

    def error(self, message, *, title=""):
        self.annotations.append(("error", title, message))

    def warning(self, message, *, title=""):
        self.annotations.append(("warning", title, message))

    def set_outputs(self, outputs):
        self.outputs.append(dict(outputs))

    def add_summary(self, markdown):
        self.summaries.append(markdown)


class Desk:
    def __init__(self, **options):
        self.clock, self.pull, self.paper = Clock(), PullRequest(), Paper()
        options.setdefault("comments", self.pull)
        self.reporter = RunReporter(self.paper, self.clock, **options)


def test_before_the_tier_is_known_there_is_no_comment():
    desk = Desk()
    assert desk.reporter.update(samples.FIRST_SECONDS) is None
    assert desk.pull.writes == []
    assert desk.paper.lines == ["… Choose the tier"]


def test_the_first_comment_comes_at_once_and_its_id_is_told():
    desk = Desk()
    assert desk.reporter.update(samples.STARTING) == 77
    assert "Preparing `pr-123`" in desk.pull.writes[0][1]


def test_edits_come_at_most_every_twenty_seconds_unless_now():
    desk = Desk()
    desk.reporter.update(samples.STARTING)
    desk.clock.seconds = 19
    desk.reporter.update(samples.PLANNING)
    assert len(desk.pull.writes) == 1
    desk.reporter.update(samples.APPLYING, now=True)
    assert len(desk.pull.writes) == 2
    desk.clock.seconds = 40
    desk.reporter.update(samples.SYNCING)
    assert len(desk.pull.writes) == 3
    assert all(haste for _, _, haste in desk.pull.writes)


def test_the_whole_plan_is_in_the_log_once_and_folded_and_a_second_plan_again():
    desk = Desk()
    for outcome in (samples.PLANNING, samples.APPLYING, samples.SYNCING):
        desk.reporter.update(outcome)
    ((title, text),) = desk.paper.folds
    assert title == "Terraform plan: 13 to add, 0 to change, 0 to destroy"
    assert text == samples.PLAN_TEXT
    desk.reporter.update(structs.replace(samples.APPLYING, plan_text="another"))
    assert [text for _, text in desk.paper.folds] == [samples.PLAN_TEXT, "another"]


def test_the_recorded_comment_is_tried_first_and_then_the_one_that_was_written():
    desk = Desk()
    desk.reporter.update(samples.FIRST_SECONDS)
    desk.reporter.update(structs.replace(samples.STARTING, comment_id=12))
    desk.reporter.update(structs.replace(samples.APPLYING, comment_id=12), now=True)
    assert desk.pull.ids == [12, 77]


def test_an_edit_that_github_refuses_fails_nothing_and_is_left_alone_for_a_minute():
    desk = Desk()
    desk.pull.error = GitHubError("GitHub's rate limit is used up.")
    assert desk.reporter.update(samples.STARTING) is None
    assert "was not updated: GitHub's rate limit" in desk.paper.lines[-1]
    desk.pull.error = None
    desk.clock.seconds = 59
    desk.reporter.update(samples.PLANNING)
    assert desk.pull.writes == []
    desk.clock.seconds = 61
    desk.reporter.update(samples.APPLYING)
    assert len(desk.pull.writes) == 1


def test_a_cancel_while_reporting_is_a_cancel():
    desk = Desk()
    desk.pull.error = CancelledError("The run was cancelled.")
    with pytest.raises(CancelledError):
        desk.reporter.update(samples.STARTING)
    with pytest.raises(CancelledError):
        desk.reporter.warn_expiry(samples.RECORD)


def test_the_end_writes_comment_summary_and_outputs_once():
    desk = Desk()
    desk.reporter.finish(samples.READY)
    assert [haste for _, _, haste in desk.pull.writes] == [False]
    assert desk.paper.outputs[0]["url"] == "https://pr-123.acme.dev/"
    assert len(desk.paper.summaries) == 1
    assert desk.paper.annotations == []
    assert desk.paper.lines[-1].startswith("https://pr-123.acme.dev/ is ready after 12 min 40 s")


def test_a_failure_is_an_annotation_with_why_and_next():
    desk = Desk()
    desk.reporter.finish(samples.FAILED)
    level, title, message = desk.paper.annotations[0]
    assert (level, title) == ("error", "eod up: pr-123: apply")
    assert "quota allows" in message
    assert "have the quota raised" in message


def test_after_a_cancel_nothing_is_waited_for_and_it_is_a_warning():
    desk = Desk()
    desk.reporter.finish(samples.CANCELLED)
    assert [haste for _, _, haste in desk.pull.writes] == [True]
    assert desk.paper.annotations[0][0] == "warning"


def test_a_dry_run_and_an_empty_teardown_leave_the_comment_alone():
    desk = Desk()
    desk.reporter.update(structs.replace(samples.DRY_RUN, finished_at=None))
    desk.reporter.finish(samples.DRY_RUN)
    desk.reporter.finish(samples.NOTHING)
    assert desk.pull.writes == []
    assert len(desk.paper.summaries) == 2


def test_in_a_sweep_teardowns_edit_their_comments_and_the_sweep_has_the_summary():
    desk = Desk(sweeping=True)
    others = [structs.replace(samples.DESTROYED, environment=f"pr-{i}", pr_number=i) for i in range(4)]
    threads = [threading.Thread(target=desk.reporter.finish, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _, _ in desk.pull.writes) == [0, 1, 2, 3]
    assert desk.paper.outputs == []
    assert desk.paper.summaries == []
    desk.reporter.finish_sweep(samples.SWEEP)
    assert len(desk.paper.summaries) == 1
    assert ("error", "eod sweep: pr-99", "AWS refused: AccessDenied") in desk.paper.annotations


def test_a_stopped_sweep_is_an_annotation():
    desk = Desk(sweeping=True)
    desk.reporter.finish_sweep(structs.replace(samples.SWEEP, actions=(), stopped="too many"))
    assert desk.paper.annotations == [("error", "eod sweep: stopped before its first deletion", "too many")]


def test_an_expiry_is_warned_of_in_a_comment_of_its_own():
    desk = Desk()
    desk.reporter.warn_expiry(samples.RECORD)
    assert desk.pull.added[0][0] == 123
    assert "@octocat" in desk.pull.added[0][1]
    desk.pull.error = GitHubError("down")
    desk.reporter.warn_expiry(samples.RECORD)
    assert "could not be warned" in desk.paper.lines[-1]


def test_without_comments_everything_else_is_told():
    desk = Desk(comments=None)
    assert desk.reporter.update(samples.STARTING, now=True) is None
    desk.reporter.finish(samples.READY)
    desk.reporter.warn_expiry(samples.RECORD)
    assert desk.paper.outputs


def test_without_a_summary_none_is_made():
    desk = Desk()
    desk.paper.summary_room = 0
    desk.reporter.finish(samples.READY)
    assert desk.paper.summaries == []


def test_no_secret_gets_anywhere():
    secret = "hunter2222"
    desk = Desk(renderer=Renderer(Redactor([secret])))
    outcome = structs.replace(
        samples.FAILED,
        notices=(secret,),
        plan_text=secret,
        failure=Failure(step="apply", what=secret, why=secret, fix=f"x\n{secret}"),
        verdict=structs.replace(samples.VERDICT, forced_by=secret),
    )
    desk.reporter.update(outcome)
    desk.reporter.finish(outcome)
    desk.reporter.say(f"password {secret}")
    assert secret not in str(vars(desk.paper))
    assert secret not in str(desk.pull.writes)


def test_an_answer_is_a_comment_of_its_own_in_which_nobody_is_mentioned():
    desk = Desk(renderer=Renderer(Redactor(("hunter2hunter2",))))
    desk.reporter.reply(7, "There is no tier `huge`; @ada said hunter2hunter2.")
    ((number, body),) = desk.pull.added
    assert number == 7
    assert body.startswith("There is no tier `huge`; ")
    assert "@ada" not in body
    assert "hunter2" not in body + "".join(desk.paper.lines)


def test_an_answer_that_github_refuses_is_in_the_log():
    desk = Desk()
    desk.pull.error = GitHubError("GitHub is away.")
    desk.reporter.reply(7, "There is no tier `huge`.")
    assert desk.paper.lines[0] == "There is no tier `huge`."
    assert "could not be answered: GitHub is away." in desk.paper.lines[1]
