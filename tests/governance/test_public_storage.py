from eod.config import Level, Policy
from eod.errors import ExitCode
from eod.governance.public_storage import findings_of, refusal_of
from eod.model.plan import Plan, PlanSummary
from eod.model.policy import Exposure, Severity


def exposure(address="aws_s3_bucket_acl.a", **more):
    return Exposure(address=address, what="`acl` is a public one.", way_out="Make it `private`.", **more)


def plan_with(*exposures):
    return Plan(
        path="", digest="", terraform_version="", changes=(), summary=PlanSummary(adds=1), exposures=exposures
    )


def severities(policy, *exposures):
    return [str(one.severity) for one in findings_of(plan_with(*exposures), policy)]


def test_public_storage_is_refused_unless_the_team_says_otherwise():
    assert severities(Policy(), exposure()) == ["refused"]
    assert severities(Policy(public_storage=Level.WARN), exposure()) == ["warned"]
    assert severities(Policy(public_storage=Level.OFF), exposure()) == []


def test_an_address_is_allowed_by_pattern_and_others_are_not():
    policy = Policy(allow_public=("module.assets.*",))
    found = findings_of(plan_with(exposure(), exposure('module.assets.aws_s3_bucket_acl.a["x"]')), policy)
    assert [one.address for one in found] == ["aws_s3_bucket_acl.a"]


def test_refusals_come_first_then_warnings_then_what_cannot_be_told():
    some = (exposure("c", certain=False), exposure("b", permits=True), exposure("a.z"), exposure("a.b"))
    assert [one.address for one in findings_of(plan_with(*some), Policy())] == ["a.b", "a.z", "b", "c"]


def test_what_cannot_be_told_refuses_nothing():
    assert refusal_of(findings_of(plan_with(exposure(certain=False), exposure(permits=True)), Policy())) is None


def test_a_refusal_names_address_cause_and_way_out():
    some = [exposure(f"aws_s3_bucket_acl.a[{number}]") for number in range(7)]
    refusal = refusal_of(findings_of(plan_with(*some), Policy()))
    assert refusal is not None
    assert refusal.exit_code is ExitCode.REFUSED_BY_POLICY
    assert "aws_s3_bucket_acl.a[0]" in refusal.what
    assert "and 2 more" in refusal.what
    assert "Make it `private`." in refusal.fix
    assert "policy.allow-public" in refusal.fix
    assert refusal.detail.count("is a public one") == 7


def test_severities_are_in_the_order_of_what_follows():
    assert [str(one) for one in Severity] == ["refused", "warned", "unknown"]
