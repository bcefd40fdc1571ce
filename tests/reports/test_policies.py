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
    first = text.index("> [!CAUTION]\n> **Policies: 1 refused, 1 that cannot be told before the apply**")
    assert first < text.index("> **This plan takes") < text.index("| Tier |")
    assert "> - refused: `aws_s3_bucket_acl.site`: `acl` is public. Make it private." in text


def test_a_refused_run_still_shows_it():
    failure = Failure(step="policy", what="The plan makes storage public: aws_s3_bucket_acl.site.")
    text = comment(planned(finding(), outcome=structs.replace(samples.PLANNED, failure=failure)))
    assert text.index("The plan makes storage public") < text.index("**Policies: 1 refused**")


@pytest.mark.parametrize(("severity", "alert"), [(Severity.WARNED, "WARNING"), (Severity.UNKNOWN, "NOTE")])
def test_what_refuses_nothing_is_no_caution_and_is_folded_when_it_is_ready(severity, alert):
    assert f"> [!{alert}]\n> **Policies: 1 " in comment(planned(finding(severity)))
    text = comment(planned(finding(severity), outcome=samples.READY))
    assert alert not in text
    assert text.index("<summary>Terraform:") < text.index("Policies, 1 ") < text.index(f"- {severity}: `aws_s3")


def test_a_plan_without_findings_says_nothing_of_policies():
    assert "Policies" not in comment(planned())


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
    nasty = structs.replace(finding(Severity.WARNED, text), what=text, way_out=text)
    for outcome in (samples.PLANNED, samples.READY):
        page = comment(planned(nasty, outcome=outcome))
        assert is_well_formed(page)
        assert not MENTION.search(prose(page))
