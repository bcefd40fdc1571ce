import pytest

from eod.config import Fault
from eod.config.loader import load
from eod.errors import ConfigError, ExitCode
from eod.terraform.faults import classify
from eod.terraform.own_faults import own_rules

HEAD = "domain: preview.example.com\nterraform:\n  directory: infra\n  faults:\n"


def own(text: str) -> tuple[Fault, ...]:
    terraform = load(HEAD + text, "eod.yml").terraform
    assert terraform is not None
    return terraform.faults


def test_rules_of_ones_own_are_read_and_come_first():
    rules = own_rules(
        own(
            "    - pattern: 'license server .* is busy'\n"
            "      class: conflict\n"
            "      reason: It restarts at night.\n"
            "      types: ['acme_*']\n"
            "      operations: [apply]\n"
            "      delay-seconds: 7\n"
        ),
        "eod.yml",
    )
    fault = classify("Error: license server a.b is busy", "acme_x", "apply", extra=rules)
    assert (fault.fault_class, fault.reason) == ("conflict", "It restarts at night.")
    assert (fault.rule, fault.attempts, fault.delay) == ("eod.yml: terraform.faults[0]", 2, 7)
    assert classify("Error: license server a.b is busy", "acme_x", "destroy", extra=rules).rule == "unknown"
    assert classify("Error: license server a.b is busy", "aws_x", "apply", extra=rules).rule == "unknown"


def test_a_rule_may_say_that_what_we_would_retry_will_not_pass():
    rules = own_rules(own("    - {pattern: Throttling, class: permanent, reason: It never ends.}\n"))
    fault = classify("Error: Throttling: Rate exceeded", extra=rules)
    assert (fault.fault_class, fault.retryable) == ("permanent", False)
    assert fault.fix


@pytest.mark.parametrize(
    ("rule", "line", "why"),
    [
        ("{pattern: '(a', class: transient, reason: x}", 5, "is not closed"),
        ("{pattern: '(a+)+', class: transient, reason: x}", 5, "repeated as a whole"),
        ("{pattern: '.*', class: transient, reason: x}", 5, "every message"),
        ("{pattern: a, class: flaky, reason: x}", 5, "transient"),
        ("{pattern: a, class: transient}", 5, "`reason` is missing"),
        ("{pattern: a, class: permanent, reason: x, attempts: 3}", 5, "is not tried again"),
        ("{pattern: a, class: transient, reason: x, attempts: 99}", 5, "from 0 to 20"),
        ("{pattern: a, class: transient, reason: x, operations: [aply]}", 5, "apply"),
        ("{pattern: a, class: transient, reason: x, patern: b}", 5, "Did you mean `pattern`?"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_its_line(rule, line, why):
    with pytest.raises(ConfigError) as caught:
        load(f"{HEAD}    - {rule}\n", "eod.yml")
    text = str(caught.value)
    assert f"eod.yml:{line}" in text
    assert why in text
    assert caught.value.exit_code is ExitCode.USAGE
