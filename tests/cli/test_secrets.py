"""What a plan or a state marks as sensitive reaches nobody, whoever quotes it."""

import io
import json
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from msgspec import structs

from eod.cli.build import LiveRooms
from eod.cli.parts import make_log, secrets_in
from eod.cli.settings import read_settings
from eod.config import Config
from eod.errors import TerraformError
from eod.lifecycle.journey import Journey
from eod.lifecycle.outputs import kept_of
from eod.model.outcome import Outcome
from eod.model.tier import Tier, Verdict
from eod.reports.outputs import as_json, outcome_document, outputs_of
from eod.reports.renderer import Renderer
from eod.reports.reporter import RunReporter
from eod.terraform import Settings, TerraformRunner
from tests.reports import samples
from tests.terraform.fake import BACKEND, TAGS, Fake
from tests.terraform.support import document, stream

pytestmark = pytest.mark.process

PLANNED = "s3cr3t-of-the-plan"
MADE = "s3cr3t-made-meanwhile"
KEY = "first-line-of-the-key\nsecond-line-of-the-key"


class Comments:
    def __init__(self):
        self.bodies = []

    def put_comment(self, _number, body, _comment_id):
        self.bodies.append(body)
        return 1

    def add_comment(self, _number, _body):
        return None

    def hasty(self):
        return nullcontext()


class Run:
    """Terraform, played, and the reports of a workflow's run around it."""

    def __init__(self, directory, fake):
        environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/shop",
            "RUNNER_TEMP": str(directory),
            "GITHUB_OUTPUT": str(directory / "output"),
            "GITHUB_STEP_SUMMARY": str(directory / "summary"),
        }
        self.directory, self.fake, self.log, self.comments = directory, fake, io.StringIO(), Comments()
        self.rooms = LiveRooms(
            config=Config(domain="preview.example.com"),
            base_commit="",
            settings=read_settings(environ, checkout=directory, token="t"),
            interrupts=fake.interrupts,
            environ=environ,
            runner=make_log(environ, self.log, debug=False),
        )
        reporter = RunReporter(
            self.rooms.runner, fake.clock, renderer=Renderer(self.rooms.redactor), comments=self.comments
        )
        now = datetime(2026, 11, 25, tzinfo=UTC)
        pull = samples.PULL
        outcome = Outcome(
            command="up",
            environment="pr-12",
            repository="acme/shop",
            pr_number=12,
            started_at=now,
            pull=pull,
            verdict=Verdict(tier=Tier.FULL, evidence=()),
        )
        self.journey = Journey(outcome, clock=fake.clock, reporter=reporter)

    def workspace(self, known=()):
        fake = self.fake
        runner = TerraformRunner(
            settings=Settings(binary=str(fake.binary)),
            interrupts=fake.interrupts,
            environ={"PATH": "/usr/bin:/bin"},
            state_directory=fake.state,
            say=self.rooms.runner.say,
            clock=fake.clock,
            hide=self.rooms.hide,
            known=known,
        )
        return runner.workspace(
            environment="pr-12",
            root=fake.root,
            commit="a",
            backend=BACKEND,
            variables={"pr_number": 12},
            tags=TAGS,
        )

    def fails(self, work):
        """The failure as record and comment keep it."""
        with pytest.raises(TerraformError) as caught, self.journey.step("apply", "Terraform apply"):
            work()
        assert not [secret for secret in (PLANNED, MADE, *KEY.splitlines()) if secret in str(caught.value)]
        failure = self.journey.failure(caught.value)
        self.journey.change(failure=failure)
        self.journey.finish()
        return failure

    def everywhere(self):
        """All that leaves the run; in the log, the commands that tell the runner what to hide do not count."""
        lines = [line for line in self.log.getvalue().splitlines() if not line.startswith("::add-mask::")]
        files = [
            path.read_text() for path in (self.directory / "output", self.directory / "summary") if path.exists()
        ]
        outcome = self.journey.outcome
        told = as_json(outcome_document(outcome, self.rooms.redactor))
        return "\n".join([*lines, *self.comments.bodies, *files, told])


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path, Fake(tmp_path))


def plan_with(secret):
    plan = json.loads(document("plan_small"))
    plan["resource_changes"][0]["change"]["after"] = {"input": {"deep": [secret, KEY]}}
    plan["resource_changes"][0]["change"]["after_sensitive"] = {"input": {"deep": [True, True]}}
    return json.dumps(plan)


def state_with(secret):
    resource = {"values": {"result": secret}, "sensitive_values": {"result": True}}
    return json.dumps({"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}})


def failing(text):
    started = stream("apply_ok").decode().splitlines()[:9]
    errored = {"hook": {"resource": {"addr": "terraform_data.db"}, "action": "create"}, "type": "apply_errored"}
    diagnostic = {"severity": "error", "summary": "denied", "detail": text, "address": "terraform_data.db"}
    told = {"type": "diagnostic", "diagnostic": diagnostic}
    return {"stdout": "\n".join([*started, json.dumps(errored), json.dumps(told)]) + "\n", "code": 1}


def test_a_provider_that_quotes_what_the_plan_marks_is_hidden_in_log_comment_record_and_outputs(run):
    run.fake.plays(
        show=[{"stdout": plan_with(PLANNED)}],
        show_text=[{"stdout": f'+ leaked = "{PLANNED}"'}],
        apply=[failing(f"password {PLANNED} and second-line-of-the-key are not allowed")],
    )
    workspace = run.workspace()
    plan = workspace.plan()
    run.journey.change(plan=plan.summary, plan_text=plan.text, show=True)
    failure = run.fails(lambda: workspace.apply(plan, run.journey.progress))
    assert "not allowed" in failure.what
    for secret in (PLANNED, *KEY.splitlines()):
        assert secret not in str(failure)
        assert secret not in run.everywhere()
        assert f"::add-mask::{secret}\n" in run.log.getvalue()
    assert "password *** and *** are not allowed" in run.everywhere()
    assert [one.message for one in run.journey.outcome.progress if one.message]
    assert '"message": "denied: password *** and *** are not allowed"' in run.everywhere()
    assert "+ leaked" in run.comments.bodies[0]


def test_an_output_that_quotes_what_the_plan_marks_is_hidden_before_it_is_recorded(run):
    first, *others = stream("apply_ok").decode().splitlines()
    told = {
        "login": {"value": {"url": f"https://app:{PLANNED}@db", "words": [f"see {PLANNED}"]}},
        "marked": {"sensitive": True, "value": MADE},
        "port": {"value": 5432},
    }
    others[-1] = json.dumps({"type": "outputs", "outputs": told})
    run.fake.plays(show=[{"stdout": plan_with(PLANNED)}], apply=[{"stdout": "\n".join([first, *others]) + "\n"}])
    workspace = run.workspace()
    outputs = workspace.apply(workspace.plan(), run.journey.progress).outputs
    kept = kept_of(outputs, run.rooms.reporter.redact)
    assert kept.values == {"login": {"url": "https://***@db", "words": ["see ***"]}, "port": 5432}
    assert kept.sensitive == ("marked",)
    run.journey.change(outputs=outputs)
    run.journey.finish()
    assert PLANNED not in run.everywhere()
    assert MADE not in run.everywhere()


@pytest.mark.parametrize(
    ("before", "secret", "pieces"),
    [
        ("the moon is wrong for", "p.W0rd+hush(12)[x]", ("hush",)),
        ("the moon is wrong for all who say", "correct horse battery staple", ("correct", "horse")),
    ],
)
def test_the_pattern_that_would_make_a_fault_known_holds_nothing_of_what_is_quoted(run, before, secret, pieces):
    # Signs are escaped in it, and it is cut: no search for the whole value would find that.
    run.fake.plays(
        show=[{"stdout": plan_with(secret)}],
        apply=[failing(f"{before} {secret} and go on")],
    )
    workspace = run.workspace()
    plan = workspace.plan()
    failure = run.fails(lambda: workspace.apply(plan, run.journey.progress))
    assert "pattern:" in failure.fix
    assert before in failure.fix
    for piece in pieces:
        assert piece not in str(failure)
        assert piece not in run.everywhere()


def test_what_the_jobs_environment_keeps_secret_is_not_in_that_pattern_either(run):
    run.rooms.environ = {**run.rooms.environ, "TF_VAR_db_password": "p.W0rd+hush(12)[x]"}
    run.fake.plays(apply=[failing("the moon is wrong for p.W0rd+hush(12)[x] and all")])
    workspace = run.workspace(known=secrets_in(run.rooms.environ))
    plan = workspace.plan()
    failure = run.fails(lambda: workspace.apply(plan, run.journey.progress))
    assert "hush" not in failure.fix


def test_the_masks_come_before_anything_of_the_plan(run):
    run.fake.plays(show=[{"stdout": plan_with(PLANNED)}], show_text=[{"stdout": "the plan's text"}])
    plan = run.workspace().plan()
    run.journey.change(plan=plan.summary, plan_text=plan.text, show=True)
    log = run.log.getvalue()
    assert log.index(f"::add-mask::{PLANNED}") < log.index("the plan's text")


def test_a_secret_that_the_apply_itself_made_is_learned_from_the_state_before_its_failure_is_told(run):
    run.fake.plays(
        show=[{"stdout": plan_with(PLANNED)}],
        show_state=[{"stdout": state_with(MADE)}],
        apply=[failing(f"cannot log in with {MADE}")],
    )
    workspace = run.workspace()
    plan = workspace.plan()
    failure = run.fails(lambda: workspace.apply(plan, run.journey.progress))
    assert "cannot log in with ***" in failure.what
    assert MADE not in run.everywhere()


def test_a_plan_that_fails_quotes_nothing_of_the_state(run):
    diagnostic = {"severity": "error", "summary": f"password {MADE} has expired"}
    line = json.dumps({"type": "diagnostic", "diagnostic": diagnostic})
    run.fake.plays(plan=[{"stdout": f"{line}\n", "code": 1}], show_state=[{"stdout": state_with(MADE)}])
    failure = run.fails(run.workspace().plan)
    assert "password *** has expired" in failure.what
    assert MADE not in run.everywhere()


def test_a_state_that_cannot_be_read_hides_no_failure(run):
    run.fake.plays(
        show=[{"stdout": plan_with(PLANNED)}],
        show_state=[{"stderr": "no backend", "code": 1}],
        apply=[failing("access denied")],
    )
    workspace = run.workspace()
    plan = workspace.plan()
    failure = run.fails(lambda: workspace.apply(plan, run.journey.progress))
    assert "access denied" in failure.what
    assert '"message": "denied: access denied"' in run.everywhere()


def test_nothing_that_is_hidden_is_written_to_disk_by_us(run):
    run.fake.plays(show=[{"stdout": plan_with(PLANNED)}], apply=[failing(f"password {PLANNED}")])
    workspace = run.workspace()
    plan = workspace.plan()
    run.fails(lambda: workspace.apply(plan, run.journey.progress))
    written = [p for p in run.fake.state.rglob("*") if p.is_file() and p.name != "stream.jsonl"]
    assert written
    assert not [path for path in written if PLANNED in path.read_text(errors="replace")]
    assert PLANNED not in str(structs.asdict(plan))
    assert PLANNED not in str(outputs_of(run.journey.outcome))
