import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.terraform.faults import FaultClass, FaultRule, catalogue, classify
from tests.terraform.support import HERE

T, C, R, P = FaultClass.TRANSIENT, FaultClass.CONFLICT, FaultClass.REPLAN, FaultClass.PERMANENT

API = "https response error StatusCode: {status}, RequestID: 5c1f0f52-1d55-4c5f-8f0e-503b42900e1d, {rest}"


def api(service, call, status, rest):
    return f"operation error {service}: {call}, " + API.format(status=status, rest=rest)


def _messages():
    for line in (HERE / "messages.txt").read_text().splitlines():
        if not line.startswith("#"):
            expected, operation, *message = line.split(" ", 2)
            yield FaultClass(expected), operation, "".join(message).replace("\\n", "\n")


MESSAGES = list(_messages())


@pytest.mark.parametrize(("expected", "operation", "message"), MESSAGES)
def test_messages(expected, operation, message):
    fault = classify(message, "", operation)
    assert fault.fault_class is expected, fault.rule


@pytest.mark.parametrize(("expected", "operation", "message"), MESSAGES)
def test_only_what_may_pass_is_tried_again(expected, operation, message):
    fault = classify(message, "", operation)
    if expected in {T, R}:
        assert fault.retryable
        assert fault.delay > 0
    elif expected is not C:
        assert not fault.retryable
    assert fault.reason
    assert fault.retryable or fault.fix


def test_wrapping_and_frames_of_terminal_output_do_not_matter():
    framed = "\x1b[31m│\x1b[0m Error: Failed to query available\n│ provider packages\n│\n│ could not connect"
    assert classify(framed, "", "init").rule == "registry"


def test_a_lock_whose_holder_is_told_is_not_tried_again():
    told = classify("Error acquiring the state lock: x\nLock Info:\n  ID: 1", "", "plan")
    untold = classify("Error acquiring the state lock: resource temporarily unavailable", "", "plan")
    assert (told.rule, told.retryable) == ("state-locked", False)
    assert (untold.rule, untold.retryable) == ("state-lock-vanished", True)


@pytest.mark.parametrize(
    "message",
    [
        api("KMS", "PutKeyPolicy", 400, "MalformedPolicyDocumentException: Policy contains an invalid principal"),
        api("Lambda", "CreateFunction", 400, "InvalidParameterValueException: The role defined for the function "
            "cannot be assumed by Lambda."),
        api("S3", "PutBucketPolicy", 400, "api error MalformedPolicy: Invalid principal in policy"),
    ],
)  # fmt: skip
def test_a_role_that_this_run_made_may_only_be_too_young(message):
    assert classify(message, "", "apply").fault_class is P
    young = classify(message, "", "apply", created_types=frozenset({"aws_iam_role"}))
    assert young.fault_class is T
    assert 30 <= young.delay <= 60


def test_a_rule_for_a_type_does_not_catch_others():
    message = "You can't do this: already scheduled for deletion"
    assert classify(message, "aws_secretsmanager_secret", "apply").rule == "secret-scheduled"
    assert classify(message, "aws_sqs_queue", "apply").rule == ""


def test_a_rule_for_an_operation_does_not_catch_others():
    message = "timeout while waiting for resource to be gone"
    assert classify(message, "", "destroy").fault_class is T
    assert classify(message, "", "apply").fault_class is P


def test_rules_of_ones_own_come_first():
    own = FaultRule(id="own", pattern="exit status 75", fault_class=T, reason="busy", source="us", attempts=1)
    assert classify("script failed: exit status 75", "", "apply", extra=[own]).rule == "own"


def test_throttling_lowers_parallelism():
    assert classify("ThrottlingException: Rate exceeded").lower_parallelism
    assert not classify("connection reset by peer").lower_parallelism


def test_an_unknown_fault_says_that_it_is_unknown():
    fault = classify("the moon is wrong")
    assert (fault.rule, fault.fault_class, fault.retryable) == ("", P, False)
    assert "not tried again" in fault.reason


@given(st.text(max_size=300), st.text(max_size=20), st.sampled_from(["init", "plan", "apply", "destroy", ""]))
def test_no_message_can_break_it(message, resource_type, operation):
    classify(message, resource_type, operation)


def test_the_catalogue_is_whole():
    rules = catalogue()
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        re.compile(rule.pattern)
        assert rule.source, rule.id
        assert rule.reason.endswith("."), rule.id
        retryable = rule.fault_class in {T, C, R}
        assert retryable or rule.attempts == 0, rule.id
        assert rule.attempts == 0 or rule.delay > 0, rule.id
        assert rule.attempts > 0 or rule.fix, rule.id
        assert set(rule.operations) <= {"init", "plan", "apply", "destroy"}, rule.id
