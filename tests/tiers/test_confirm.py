import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from eod.config import Config, Mismatch, Overrule, Terraform, TierSettings
from eod.config.tiers import resolve_tier
from eod.data.kinds import kind_of
from eod.model.plan import Plan, PlanSummary, ResourceChange
from eod.model.tier import Evidence, Tier, Verdict
from eod.tiers import Finding, confirm

CONFIG = Config(domain="preview.example.com", terraform=Terraform(directory="infra"))
FAILING = structs.replace(CONFIG, overrule=Overrule(plan=Mismatch.FAIL))
FILE = Evidence(path="app/x.py", tier=Tier.FRONTEND, rule="code", reason="Code.")

TYPES = [
    "aws_sqs_queue", "aws_rds_cluster", "aws_cloudfront_distribution", "aws_s3_bucket", "aws_lb", "acme_thing",
    "aws_route53_record", "aws_iam_role", "aws_security_group", "aws_eks_cluster", "aws_elasticache_cluster",
    "aws_s3_object",
]  # fmt: skip


def plan(*types, actions=("create",)):
    changes = tuple(
        ResourceChange(address=f"{each}.x", type=each, actions=actions, kind=kind_of(each).name) for each in types
    )
    return Plan(path="p", digest="d", terraform_version="1", changes=changes, summary=PlanSummary())


def verdict(tier, config=CONFIG, **more):
    capabilities = resolve_tier(config, Tier(tier)).capabilities or ()
    return Verdict(tier=Tier(tier), capabilities=capabilities, evidence=(FILE,), **more)


@pytest.mark.parametrize(
    ("tier", "types", "finding", "result"),
    [
        ("frontend", ["aws_lb", "aws_route53_record"], "fits", "frontend"),
        ("frontend", ["aws_iam_role", "aws_security_group", "aws_lb_target_group"], "fits", "frontend"),
        ("frontend", ["aws_rds_cluster"], "raised", "database"),
        ("frontend", ["aws_sqs_queue"], "raised", "full"),
        ("frontend", ["aws_rds_cluster", "aws_s3_bucket"], "raised", "full"),
        ("frontend", ["aws_eks_cluster"], "raised", "full"),
        ("frontend", ["aws_s3_object", "postgresql_schema", "kafka_topic"], "fits", "frontend"),
        ("lightweight", ["aws_route53_record"], "raised", "frontend"),
        ("database", ["aws_rds_cluster"], "fits", "database"),
        ("database", ["aws_lb"], "less", "database"),
        ("full", ["aws_sqs_queue"], "fits", "full"),
        ("full", ["aws_elasticache_cluster"], "fits", "full"),
        ("full", ["aws_rds_cluster", "aws_lb"], "less", "full"),
        ("frontend", [], "fits", "frontend"),
    ],
)
def test_what_the_plan_holds_against_what_the_tier_allows(tier, types, finding, result):
    found = confirm(verdict(tier), plan(*types), CONFIG)
    assert (str(found.finding), str(found.verdict.tier)) == (finding, result)


def test_a_raised_verdict_says_which_resource_did_it():
    found = confirm(verdict("frontend"), plan("aws_lb", "aws_sqs_queue"), CONFIG)
    assert found.reason == (
        "The plan holds `aws_sqs_queue.x` (message queue), which tier `frontend` does not allow: "
        "the tier is `full`."
    )
    assert "queue" in found.verdict.capabilities
    assert [each.path for each in found.verdict.evidence] == ["app/x.py", "aws_sqs_queue.x"]
    assert [each.address for each in found.beyond] == ["aws_sqs_queue.x"]


def test_it_fails_where_the_configuration_says_so():
    found = confirm(verdict("frontend", FAILING), plan("aws_sqs_queue"), FAILING)
    assert found.finding is Finding.REFUSED
    assert found.verdict.tier is Tier.FRONTEND


def test_what_a_person_has_forced_stands_and_is_said():
    forced = verdict("frontend", FAILING, forced_by="label `eod/tier: frontend`")
    found = confirm(forced, plan("aws_sqs_queue"), FAILING)
    assert (found.finding, found.verdict) == (Finding.TOLERATED, forced)
    assert "label `eod/tier: frontend` asks for that tier all the same" in found.reason


def test_what_is_destroyed_or_only_read_counts_for_nothing():
    assert confirm(verdict("frontend"), plan("aws_sqs_queue", actions=("delete",)), CONFIG).finding is Finding.FITS
    replaced = plan("aws_sqs_queue", actions=("delete", "create"))
    assert confirm(verdict("frontend"), replaced, CONFIG).finding is Finding.RAISED


def test_a_plan_for_what_exists_does_not_say_that_little_is_needed():
    assert confirm(verdict("full"), plan("aws_lb"), CONFIG, first=False).finding is Finding.FITS


def test_capabilities_of_the_teams_own_count():
    config = structs.replace(
        CONFIG, tiers={Tier.DATABASE: TierSettings(capabilities=("database", "cache", "load_balancer", "dns"))}
    )
    found = confirm(verdict("frontend", config), plan("aws_elasticache_cluster"), config)
    assert (found.finding, found.verdict.tier) == (Finding.RAISED, Tier.DATABASE)


@given(st.sampled_from(["lightweight", "frontend", "database", "full"]), st.lists(st.sampled_from(TYPES)))
def test_a_plan_never_lowers_and_a_raised_tier_fits(tier, types):
    found = confirm(verdict(tier), plan(*types), CONFIG)
    assert found.verdict.tier.rank >= Tier(tier).rank
    again = confirm(found.verdict, plan(*types), CONFIG)
    assert again.finding in {Finding.FITS, Finding.LESS}
    more = confirm(verdict(tier), plan(*types, "aws_sqs_queue"), CONFIG)
    assert more.verdict.tier.rank >= found.verdict.tier.rank
