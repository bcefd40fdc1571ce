import json

from eod.errors import ExitCode, PlanFailedError, TerraformError
from eod.model.fault import FaultClass
from eod.terraform.events import Diagnostic, Position, Range
from eod.terraform.faults import FaultRule, worst
from eod.terraform.problems import DETAIL_LIMIT, cancelled, failure, place_of
from eod.terraform.process import Ended
from eod.terraform.transcript import Account, transcribe
from tests.terraform.support import account_of

FAILED = Ended(returncode=1)


def test_a_failed_plan_names_file_and_line_from_the_repository():
    account = account_of("plan_missing_variable")
    failed = failure(PlanFailedError, "no plan", account, FAILED, operation="plan", directory="./infra/")
    assert failed.error.where == "./infra/main.tf:4"
    assert 'variable "need" is not set' in failed.error.detail
    assert "TF_VAR_" in failed.error.fix
    assert not any(fault.retryable for fault in failed.faults)


def test_a_place_without_directory_is_relative_to_the_module():
    diagnostic = Diagnostic("error", "x", range=Range("a.tf", Position(3)))
    assert place_of(diagnostic) == "a.tf:3"
    assert place_of(diagnostic, ".") == "a.tf:3"
    assert place_of(diagnostic, "infra/env") == "infra/env/a.tf:3"
    assert place_of(Diagnostic("error", "x")) == ""


def test_no_registry_is_transient_and_says_so():
    failed = failure(TerraformError, "init", account_of("init_no_registry"), FAILED, operation="init")
    assert [fault.rule for fault in failed.faults] == ["registry"]
    assert all(fault.retryable for fault in failed.faults)


def test_no_credentials_say_what_to_configure():
    failed = failure(TerraformError, "init", account_of("init_no_credentials"), FAILED, operation="init")
    assert "OIDC" in failed.error.fix
    assert not failed.faults[0].retryable


def test_a_syntax_error_names_its_place():
    failed = failure(TerraformError, "init", account_of("init_syntax"), FAILED, operation="init")
    assert failed.error.where == "main.tf:1"


def test_what_only_follows_from_another_error_is_no_cause():
    halted = [error.summary for error in account_of("apply_interrupted").errors]
    assert "execution halted" in halted
    failed = failure(TerraformError, "x", account_of("apply_interrupted"), FAILED, operation="apply")
    assert len(failed.faults) == 1


def _errors(*texts):
    lines = [{"type": "diagnostic", "diagnostic": {"severity": "error", "summary": text}} for text in texts]
    return transcribe(json.dumps(line).encode() for line in lines)


def test_the_fault_that_will_not_pass_is_the_one_that_is_told():
    account = _errors("Throttling: Rate exceeded", "AccessDenied: no", "connection reset by peer")
    failed = failure(TerraformError, "x", account, FAILED, operation="apply")
    assert failed.error.why == "The credentials may not do this."
    assert [fault.retryable for fault in failed.faults] == [True, False, True]
    assert worst(failed.faults).fault_class is FaultClass.PERMANENT


def test_the_resources_own_type_decides():
    diagnostic = {
        "severity": "error",
        "summary": "already scheduled for deletion",
        "address": "module.a.module.b.aws_secretsmanager_secret.s[0]",
    }
    account = transcribe([json.dumps({"type": "diagnostic", "diagnostic": diagnostic}).encode()])
    failed = failure(TerraformError, "x", account, FAILED, operation="apply")
    assert failed.faults[0].rule == "secret-scheduled"
    assert failed.error.where == "module.a.module.b.aws_secretsmanager_secret.s[0]"


def test_a_killed_terraform_is_lost_state_and_not_tried_again():
    failed = failure(TerraformError, "x", Account(), Ended(returncode=-9), operation="apply")
    assert failed.faults[0].fault_class is FaultClass.LOST_STATE
    assert "SIGKILL" in failed.error.why


def test_without_diagnostics_the_last_words_count():
    ended = Ended(returncode=1, complaints="fatal: no space left on device\n")
    failed = failure(TerraformError, "x", Account(noise=("half a line",)), ended, operation="apply")
    assert failed.faults[0].rule == "disk-full"
    assert failed.error.detail == "half a line\nfatal: no space left on device"


def test_terraforms_own_words_are_bounded():
    account = _errors(*(f"error {number} " + "x" * 500 for number in range(100)))
    failed = failure(TerraformError, "x", account, FAILED, operation="apply")
    assert DETAIL_LIMIT - 600 < len(failed.error.detail) <= DETAIL_LIMIT
    assert failed.error.detail.endswith("x" * 500)


def test_rules_of_ones_own_reach_it():
    own = FaultRule(
        id="own", any=("provisioner error",), fault_class=FaultClass.CONFLICT, reason="r", source="s", attempts=1
    )
    failed = failure(TerraformError, "x", account_of("apply_failed"), FAILED, operation="apply", extra=(own,))
    assert {fault.rule for fault in failed.faults} == {"own"}


def test_a_cancelled_run_says_what_was_done():
    error = cancelled("apply", account_of("apply_interrupted"), still_running=False)
    assert error.exit_code is ExitCode.CANCELLED
    assert error.what == "Terraform apply was stopped: 1 added, 0 changed, 0 destroyed."
    assert error.detail == "done: terraform_data.quick\ninterrupted: terraform_data.slow"
    assert "drain" in cancelled("apply", Account(), still_running=True).fix
