import json

import pytest

from eod.data.kinds import kind_of
from eod.terraform.plan_json import decode_plan
from eod.terraform.summary import summary_of
from eod.terraform.waits import kind_here, waits_of


def planned(kind, after, mask=None, action="create"):
    return plan_of(kind, after, mask, action).resource_changes[0]


def plan_of(kind, after, mask=None, action="create"):
    change = {"actions": [action], "after": after, "after_sensitive": mask if mask is not None else {}}
    entry = {"address": f"{kind}.x", "type": kind, "change": change}
    return decode_plan(json.dumps({"format_version": "1.2", "resource_changes": [entry]}).encode())


CDN = "aws_cloudfront_distribution"


def test_a_cdn_that_nobody_waits_for_is_quick_and_blocks_nobody():
    assert kind_here(planned(CDN, {"wait_for_deployment": True})) == kind_of(CDN)
    quick = kind_here(planned(CDN, {"wait_for_deployment": False}))
    assert (quick.minutes, quick.blocking) == ((0, 1), False)
    assert summary_of(plan_of(CDN, {"wait_for_deployment": False})).blocking == ()


@pytest.mark.parametrize(
    ("kind", "after", "says"),
    [
        (CDN, {"wait_for_deployment": True}, "wait_for_deployment = false"),
        ("aws_acm_certificate", {"domain_name": "pr-1.example.com"}, "wildcard certificate"),
        ("aws_route53_record", {"name": "pr-1.example.com"}, "wildcard record"),
        ("aws_rds_cluster", {"snapshot_identifier": "nightly"}, "copy-on-write"),
        ("aws_rds_cluster", {"restore_to_point_in_time": [{"restore_type": "full-copy"}]}, "copy-on-write"),
    ],
)
def test_waits_without_need_are_named(kind, after, says):
    (hint,) = summary_of(plan_of(kind, after)).hints
    assert says in hint.hint
    assert (hint.address, hint.count) == (f"{kind}.x", 1)
    assert summary_of(plan_of(kind, after, action="update")).hints == ()


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("aws_acm_certificate", {"domain_name": "*.example.com"}),
        ("aws_route53_record", {"name": "*.example.com"}),
        ("aws_route53_record", {}),
        ("aws_rds_cluster", {"snapshot_identifier": None}),
        ("aws_rds_cluster", {"snapshot_identifier": ""}),
        ("aws_rds_cluster", {"restore_to_point_in_time": []}),
        (CDN, {"wait_for_deployment": "true"}),
        (CDN, None),
        (CDN, ["odd"]),
        ("aws_s3_bucket", {"wait_for_deployment": True}),
    ],
)
def test_what_is_well_made_unknown_or_odd_is_not_named(kind, after):
    assert summary_of(plan_of(kind, after)).hints == ()


@pytest.mark.parametrize("mask", [True, {"snapshot_identifier": True}])
def test_what_is_sensitive_is_not_looked_at(mask):
    assert waits_of(planned("aws_rds_cluster", {"snapshot_identifier": "nightly"}, mask)) == ()


@pytest.mark.parametrize(
    "mask",
    [
        {"restore_to_point_in_time": True},
        {"restore_to_point_in_time": [True]},
        {"restore_to_point_in_time": [{"restore_type": True}]},
    ],
)
def test_nor_what_lies_within_something_sensitive(mask):
    after = {"restore_to_point_in_time": [{"restore_type": "full-copy"}]}
    assert waits_of(planned("aws_rds_cluster", after, mask)) == ()


def test_a_clone_is_quicker_than_a_new_cluster_and_a_restored_one_slower():
    clone = kind_here(
        planned("aws_rds_cluster", {"restore_to_point_in_time": [{"restore_type": "copy-on-write"}]})
    )
    restored = kind_here(planned("aws_rds_cluster", {"snapshot_identifier": "nightly"}))
    assert clone.minutes < kind_of("aws_rds_cluster").minutes < restored.minutes
