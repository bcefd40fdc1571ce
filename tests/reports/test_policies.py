"""What policies say of a plan stands where nobody can miss it."""

import pytest
from hypothesis import given
from msgspec import structs

from eod.model.policy import PolicyFinding, Severity
from eod.model.record import Failure
from eod.reports import log
from eod.reports.outputs import outcome_document
from eod.reports.renderer import Renderer
from tests.reports import samples
from tests.reports.nasty import TEXT
from tests.reports.reading import MENTION, is_well_formed, prose

NOW = samples.at(4, 43)


def finding(severity=Severity.REFUSED, address="aws_s3_bucket_acl.site"):
    return PolicyFinding(
        rule="public-storage",
        address=address,
        severity=severity,
        what="`acl` is public.",
        way_out="Make it private.",
    )


def planned(*findings, outcome=samples.PLANNED):
    return structs.replace(outcome, plan=structs.replace(samples.SUMMARY, losses=samples.LOSSES, policy=findings))


def comment(outcome):
    return Renderer().comment(outcome, NOW)


def test_a_refusal_stands_above_what_is_lost_and_above_the_facts():
    text = comment(planned(finding(), finding(Severity.UNKNOWN, "a.b")))
    first = text.index("> [!CAUTION]\n> **Policies: 1 refused**")
    assert first < text.index("> **This plan takes") < text.index("| Tier |")
    assert "> - refused: `aws_s3_bucket_acl.site`: `acl` is public. Make it private." in text


def test_a_refused_run_still_shows_it():
    failure = Failure(step="policy", what="The plan makes storage public: aws_s3_bucket_acl.site.")
    text = comment(planned(finding(), outcome=structs.replace(samples.PLANNED, failure=failure)))
    assert text.index("The plan makes storage public") < text.index("**Policies: 1 refused**")


def test_a_warning_is_no_caution_and_is_folded_when_it_is_ready():
    assert "> [!WARNING]\n> **Policies: 1 to look at**" in comment(planned(finding(Severity.WARNED)))
    text = comment(planned(finding(Severity.WARNED), outcome=samples.READY))
    assert "WARNING" not in text
    assert (
        text.index("<summary>Terraform:") < text.index("Policies: 1 to look at.") < text.index("- warned: `aws_s3")
    )


@pytest.mark.parametrize("outcome", [samples.PLANNED, samples.READY])
def test_what_cannot_be_told_is_folded_and_alarms_nobody(outcome):
    text = comment(planned(finding(Severity.UNKNOWN), outcome=outcome))
    assert "**Policies" not in text
    assert text.index("<summary>Terraform:") < text.index("What policies cannot tell before the apply:")
    assert "\n- `aws_s3_bucket_acl.site`: `acl` is public.\n" in text


def test_a_plan_without_findings_says_nothing_of_policies():
    assert "olicies" not in comment(planned())


def test_many_findings_are_counted_and_cut():
    text = comment(planned(*(finding(address=f"a.b[{number}]") for number in range(300))))
    assert "**Policies: 300 refused**" in text
    assert "… and 280 more findings: see the log" in text


def test_the_log_has_them_before_what_is_lost():
    lines = log.changes(None, planned(finding()))
    (said,) = [line for line in lines if "refused" in line]
    assert said == "  ! refused: aws_s3_bucket_acl.site: `acl` is public."
    assert lines.index(said) < next(
        i for i, line in enumerate(lines) if "! replaces" in line or "! destroys" in line
    )


def test_the_document_has_them_with_the_plan():
    (told,) = outcome_document(planned(finding()))["plan"]["policy"]
    assert told == {
        "rule": "public-storage",
        "address": "aws_s3_bucket_acl.site",
        "severity": "refused",
        "what": "`acl` is public.",
        "way_out": "Make it private.",
    }


@given(TEXT)
def test_no_text_breaks_the_page_or_mentions_anybody(text):
    nasty = [
        structs.replace(finding(severity, text), what=text, way_out=text)
        for severity in (Severity.WARNED, Severity.UNKNOWN)
    ]
    for outcome in (samples.PLANNED, samples.READY):
        page = comment(planned(*nasty, outcome=outcome))
        assert is_well_formed(page)
        assert not MENTION.search(prose(page))
