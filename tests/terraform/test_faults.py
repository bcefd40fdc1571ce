import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eod.config.patterns import Pattern
from eod.model.fault import FaultClass, Operation
from eod.terraform.faults import UNKNOWN, FaultRule, catalogue, classify, classify_diagnostic, worst
from tests.runaway import RUNAWAY_SECONDS
from tests.terraform.corpus import Sample, samples

T, C, R, P = FaultClass.TRANSIENT, FaultClass.CONFLICT, FaultClass.REPLAN, FaultClass.PERMANENT

TUNED = samples("tuning_*.txt")
HELD_OUT = samples("heldout_*.txt")
FRESH = samples("fresh_*.txt")
AGREEMENT = 0.92
"""Share of the held-out messages of which the class must be right: the rules never saw them."""
WRONGLY_RETRIED = 0.01


def judged(sample: Sample):
    return classify(sample.message, sample.resource_type, sample.operation)


@pytest.mark.parametrize("sample", TUNED, ids=repr)
def test_a_message_has_its_class_and_only_what_may_pass_is_tried_again(sample):
    fault = judged(sample)
    assert fault.fault_class is sample.fault_class, fault.rule
    assert not fault.retryable or fault.fault_class.may_pass
    assert not fault.retryable or fault.delay > 0
    assert fault.reason
    assert fault.retryable or fault.fix


def test_the_corpora_are_large_and_hold_every_class():
    assert len(TUNED) >= 350
    assert len(HELD_OUT) >= 90
    assert {sample.fault_class for sample in TUNED} == set(FaultClass)


@pytest.mark.parametrize("told", [True, False], ids=["with operation and type", "from the message alone"])
@pytest.mark.parametrize("corpus", [HELD_OUT, FRESH], ids=["held out", "as pasted"])
def test_messages_that_no_rule_was_made_for(told, corpus):
    wrong, retried = [], []
    for sample in corpus:
        fault = judged(sample) if told else classify(sample.message)
        if fault.fault_class is not sample.fault_class:
            wrong.append(f"{fault.fault_class} by {fault.rule}, not {sample!r}")
            if fault.fault_class.may_pass and not sample.fault_class.may_pass:
                retried.append(repr(sample))
    assert 1 - len(wrong) / len(corpus) >= AGREEMENT, "\n".join(wrong)
    assert len(retried) / len(corpus) <= WRONGLY_RETRIED, "\n".join(retried)


def test_a_lock_whose_holder_is_told_is_not_tried_again():
    told = classify("Error acquiring the state lock: x\nLock Info:\n  ID: 1", "", "plan")
    untold = classify("Error acquiring the state lock: resource temporarily unavailable", "", "plan")
    assert (told.rule, told.retryable) == ("state-locked", False)
    assert (untold.rule, untold.retryable) == ("state-lock-vanished", True)


NOT_ASSUMABLE = "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."
NO_PRINCIPAL = "MalformedPolicyDocument: Invalid principal in policy"


@pytest.mark.parametrize("message", [NOT_ASSUMABLE, NO_PRINCIPAL, "api error MalformedPolicy: Invalid principal"])
def test_a_role_that_this_run_made_may_only_be_too_young(message):
    assert classify(message, "", "apply", created_types=frozenset()).fault_class is P
    young = classify(message, "", "apply", created_types=frozenset({"aws_iam_role"}))
    assert young.fault_class is T
    assert 30 <= young.delay <= 60


def test_where_nobody_can_tell_what_was_made_only_a_role_that_exists_may_be_too_young():
    assert classify(NOT_ASSUMABLE, "", "apply").fault_class is T
    assert classify(NO_PRINCIPAL, "", "apply").fault_class is P


def test_the_message_itself_tells_what_was_made():
    made = "aws_iam_role.app: Creation complete after 1s [id=app]\n"
    assert classify(f"{made}Error: {NO_PRINCIPAL}", "", "apply").fault_class is T
    assert classify(f"aws_sqs_queue.q: Creation complete after 1s\nError: {NO_PRINCIPAL}").fault_class is P


def test_a_rule_for_a_type_does_not_catch_others():
    message = "You can't do this: already scheduled for deletion"
    assert classify(message, "aws_secretsmanager_secret", "apply").rule == "secret-scheduled"
    assert classify(message, "aws_sqs_queue", "apply").rule == UNKNOWN


def test_a_rule_for_an_operation_does_not_catch_others():
    message = "timeout while waiting for state to become 'ready' (last state: 'x')"
    assert classify(message, "", "apply").fault_class is P
    deletion = "Error: deleting EC2 Subnet (s): timeout while waiting for resource to be gone"
    assert classify(deletion, "", "apply").fault_class is T
    assert classify(deletion, "", "destroy").fault_class is T


@pytest.mark.parametrize("program", ["", "If non-interactive operation is desired, consider -force-copy. "])
def test_a_local_state_that_was_committed_is_told_as_what_it_is(program):
    said = "Can't ask approval for state migration when interactive input is disabled.\n\n"
    fault = classify(f'{said}{program}Please remove the "-input=false" option and try again.', operation="init")
    assert (fault.rule, fault.retryable) == ("state-committed", False)
    assert "git rm --cached" in fault.fix


def test_rules_of_ones_own_come_first():
    own = FaultRule(id="own", any=("exit status 75",), fault_class=T, reason="busy", source="us", attempts=1)
    assert classify("script failed: exit status 75", "", "apply", extra=[own]).rule == "own"


def test_throttling_lowers_parallelism():
    assert classify("ThrottlingException: Rate exceeded").lower_parallelism
    assert not classify("read: connection reset by peer").lower_parallelism


def test_an_unknown_fault_says_so_and_how_to_make_it_known():
    fault = classify('the "moon" (is) wrong')
    assert (fault.rule, fault.fault_class, fault.retryable) == (UNKNOWN, P, False)
    assert "not tried again" in fault.reason
    assert '    - pattern: "the \\"moon\\" \\\\(is\\\\) wrong"\n' in fault.fix


def test_the_worst_of_several_diagnostics_decides():
    throttled, denied, exists = (
        "Error: Throttling: Rate exceeded",
        "Error: AccessDenied",
        "Error: x already exists",
    )
    unsaved = "Error: Failed to save state"
    assert classify(f"{throttled}\n{denied}\n{exists}").fault_class is P
    assert classify(f"{throttled}\n{exists}").fault_class is FaultClass.ORPHAN
    assert classify(f"{denied}\n{unsaved}").fault_class is FaultClass.LOST_STATE
    assert classify(f"{throttled}\nError: who knows").rule == UNKNOWN
    assert classify(f"{throttled}\nError: Saved plan is stale").fault_class is R


def test_what_does_not_pass_is_worse_than_all_that_may():
    faults = [classify(sample.message) for sample in TUNED]
    passing = [fault for fault in faults if fault.retryable]
    for fault in faults:
        if not fault.retryable:
            assert worst([*passing, fault]) is fault


def test_one_diagnostic_is_one_even_if_its_words_look_like_more():
    text = (
        "local-exec provisioner error\nError running command 'x': exit status 1. Output: \nError: Throttling: no"
    )
    assert classify_diagnostic(text, "null_resource", "apply", created_types=frozenset()).fault_class is P


@given(st.text(max_size=300), st.text(max_size=20), st.sampled_from(["init", "plan", "apply", "destroy", ""]))
def test_no_message_can_break_it(message, resource_type, operation):
    classify(message, resource_type, operation)


PIECES = [
    word
    for rule in catalogue()
    for pattern in (*rule.any, *rule.all, *rule.unless)
    for word in pattern.replace("\\", "").split(".*")
]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
def test_no_message_can_make_it_slow(words):
    text = ((" ".join(words) + " ") * 20_000)[:20_000]
    started = time.process_time()
    classify(text)
    assert time.process_time() - started < RUNAWAY_SECONDS


@pytest.mark.parametrize("text", ["zzz " * 5_000, "\n".join(f"Error: number {n} is wrong" for n in range(1_000))])
def test_a_long_message_is_judged_in_no_time(text):
    classify(text)  # compiles the patterns
    started = time.process_time()
    classify(text)
    assert time.process_time() - started < RUNAWAY_SECONDS


def test_the_catalogue_is_whole():
    rules = catalogue()
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        for pattern in (*rule.any, *rule.all, *rule.unless):
            Pattern(pattern).check()
        assert rule.source, rule.id
        assert rule.reason.endswith("."), rule.id
        assert rule.fault_class.may_pass or rule.attempts == 0, rule.id
        assert rule.attempts == 0 or rule.delay > 0, rule.id
        assert rule.attempts > 0 or rule.fix, rule.id
        assert set(rule.operations) <= set(Operation), rule.id
        assert not rule.likely or rule.created, rule.id


NO_ZIP = "couldn't load the provided path as either a local plan file (zip: not a valid zip file)"
NO_STATE = "State read error: Error reading /x/p as a statefile: - Unsupported state file format"
NO_HOST = "failed to request discovery document: dial tcp: lookup registry.opentofu.org: no such host"
OF_BOTH_ENGINES = [
    ("plan-file-damaged", "apply", f'Failed to load "/x/p" as a plan file: Error: {NO_ZIP}'),
    ("plan-file-damaged", "plan", f"Failed to read the given file as a state or plan file: {NO_STATE}"),
    (
        "disk-full",
        "plan",
        "Failed to write plan file: Could not be written: no space left on device.",
    ),
    ("disk-full", "init", "Failed to install provider: Error while installing x v5: /x: no space left on device"),
    ("registry", "init", f"Failed to resolve provider packages: Could not resolve provider x/aws: {NO_HOST}"),
    ("registry", "init", f"Failed to query available provider packages: could not connect to x: {NO_HOST}"),
    ("provider-version", "init", "Failed to resolve provider packages: no available releases match 99.0.0"),
    (
        "provider-version",
        "init",
        "Unsupported Terraform Core version: This configuration does not support 1.11",
    ),
    ("provider-version", "init", "Unsupported OpenTofu Core version: This configuration does not support 1.12"),
    (
        "lock-object-unknown",
        "init",
        'Extraneous JSON object property: No argument or block type is named "use_lockfile".',
    ),
]


@pytest.mark.parametrize(("rule", "operation", "message"), OF_BOTH_ENGINES)
def test_what_both_engines_say_of_a_machine_that_lacks_something(rule, operation, message):
    assert classify(message, "", operation).rule == rule


REFUSED = "connect: connection refused"
LOOK_ALIKES = [
    ("transient", "apply", "Error: creating it: RequestLimitExceeded: Request limit exceeded."),
    ("permanent", "apply", "Error: creating it: LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000"),
    ("transient", "plan", "Error: lookup sts.us-east-1.amazonaws.com: no such host"),
    ("permanent", "plan", "Error: lookup sts.us-east-1a.amazonaws.com: no such host"),
    ("transient", "init", "Error: Get https://x: net/http: TLS handshake timeout"),
    ("permanent", "init", "Error: Get https://x: x509: certificate signed by unknown authority"),
    ("permanent", "plan", f'Error: Get "http://localhost/api/v1/namespaces/x": dial tcp [::1]:80: {REFUSED}'),
    (
        "transient",
        "apply",
        f'Error: Post "https://A.gr7.eu-west-1.eks.amazonaws.com/api": dial tcp 1.2.3.4:443: {REFUSED}',
    ),
    ("permanent", "init", "Error: Failed to query available provider packages: no available releases match 99.0"),
    ("transient", "init", "Error: Failed to query available provider packages: registry: 503 Service Unavailable"),
    ("permanent", "apply", "Error: creating S3 Bucket (b): BucketAlreadyExists: not available"),
    ("orphan", "apply", "Error: creating S3 Bucket (b): BucketAlreadyOwnedByYou: you own it"),
    ("transient", "destroy", "Error: deleting EC2 VPC (v): DependencyViolation: has dependencies"),
    (
        "permanent",
        "apply",
        "Error: waiting for EKS Cluster create: unexpected state 'FAILED', wanted target 'ACTIVE'.",
    ),
    ("permanent", "apply", "Error: creating it: 403 ExpiredToken: The provided token has expired."),
    ("permanent", "apply", "Error: creating it: api error AccessDenied: not authorized"),
    ("permanent", "init", "Error: archive has incorrect checksum zh:aa (expected zh:bb)"),
    (
        "blocked",
        "destroy",
        "Error: deleting it: InvalidRequestException: selections must be deleted prior to the plan",
    ),
]


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
@pytest.mark.parametrize(("fault_class", "operation", "message"), LOOK_ALIKES)
def test_what_looks_alike_is_told_apart(fault_class, operation, message, told):
    fault = classify(message, "", operation if told else "")
    assert fault.fault_class == fault_class, fault.rule
