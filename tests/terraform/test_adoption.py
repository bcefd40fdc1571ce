import json

import msgspec
import pytest

from eod.model.arn import parse
from eod.model.cloud import Item
from eod.model.plan import Creation
from eod.terraform.adoption import adoptable_types, adoptions_of, creations_of
from eod.terraform.plan_json import decode_plan
from eod.terraform.state_json import read_state, unknown_to
from tests.terraform.fake import STRAY
from tests.terraform.support import document

ACCOUNT = "eu-central-1:123456789012"


def item(kind, arn):
    return Item(kind=kind, id=arn)


def made(type_, name, address=""):
    return Creation(address=address or f"{type_}.x", type=type_, name=name)


@pytest.mark.parametrize(
    ("found", "type_", "name", "import_id"),
    [
        (item("s3 bucket", "arn:aws:s3:::assets"), "aws_s3_bucket", "assets", "assets"),
        (
            item("sqs queue", f"arn:aws:sqs:{ACCOUNT}:jobs"),
            "aws_sqs_queue",
            "jobs",
            "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs",
        ),
        (item("sns topic", f"arn:aws:sns:{ACCOUNT}:n"), "aws_sns_topic", "n", f"arn:aws:sns:{ACCOUNT}:n"),
        (item("rds cluster", f"arn:aws:rds:{ACCOUNT}:cluster:c"), "aws_rds_cluster", "c", "c"),
        (item("rds instance", f"arn:aws:rds:{ACCOUNT}:db:i"), "aws_rds_cluster_instance", "i", "i"),
        (item("rds instance", f"arn:aws:rds:{ACCOUNT}:db:i"), "aws_db_instance", "i", "i"),
        (
            item("log group", f"arn:aws:logs:{ACCOUNT}:log-group:/pr-7/app:*"),
            "aws_cloudwatch_log_group",
            "/pr-7/app",
            "/pr-7/app",
        ),
        (
            item("secret", f"arn:aws:secretsmanager:{ACCOUNT}:secret:pr-7/db-a1B2c3"),
            "aws_secretsmanager_secret",
            "pr-7/db",
            f"arn:aws:secretsmanager:{ACCOUNT}:secret:pr-7/db-a1B2c3",
        ),
        (
            item("load balancer", f"arn:aws:elasticloadbalancing:{ACCOUNT}:loadbalancer/app/lb/5f"),
            "aws_lb",
            "lb",
            f"arn:aws:elasticloadbalancing:{ACCOUNT}:loadbalancer/app/lb/5f",
        ),
        (
            item("target group", f"arn:aws:elasticloadbalancing:{ACCOUNT}:targetgroup/tg/5f"),
            "aws_lb_target_group",
            "tg",
            f"arn:aws:elasticloadbalancing:{ACCOUNT}:targetgroup/tg/5f",
        ),
    ],
)
def test_what_bears_the_planned_name_is_that_resource(found, type_, name, import_id):
    assert parse(found.id).kind == found.kind
    (adoption,) = adoptions_of([found], [made(type_, name)])
    assert (adoption.address, adoption.import_id, adoption.item) == (f"{type_}.x", import_id, found)


QUEUE = item("sqs queue", f"arn:aws:sqs:{ACCOUNT}:jobs")


def test_another_name_or_another_type_is_another_resource():
    assert adoptions_of([QUEUE], [made("aws_sqs_queue", "other"), made("aws_sns_topic", "jobs")]) == ()


def test_two_addresses_of_one_name_are_a_doubt():
    twice = [made("aws_sqs_queue", "jobs", "a"), made("aws_sqs_queue", "jobs", "b")]
    assert adoptions_of([QUEUE], twice) == ()


def test_two_resources_of_one_name_are_a_doubt():
    elsewhere = item("sqs queue", "arn:aws:sqs:us-east-1:123456789012:jobs")
    assert adoptions_of([QUEUE, elsewhere], [made("aws_sqs_queue", "jobs")]) == ()


def test_a_name_that_could_be_an_option_or_worse_is_given_to_nobody():
    for name in ("-lock=false", 'x"; y', "${evil}"):
        bucket = item("s3 bucket", f"arn:aws:s3:::{name}")
        assert adoptions_of([bucket], [made("aws_s3_bucket", name)]) == ()


def change(address, type_, actions, after, **more):
    return {"address": address, "type": type_, "change": {"actions": actions, "after": after, **more}}


def test_only_what_is_made_anew_under_a_known_and_public_name_can_be_recognised():
    changes = [
        change("known", "aws_sqs_queue", ["create"], {"name": "jobs"}),
        change("unknown", "aws_sqs_queue", ["create"], {}, after_unknown={"name": True}),
        change("secret", "aws_sqs_queue", ["create"], {"name": "hush"}, after_sensitive={"name": True}),
        change("replaced", "aws_sqs_queue", ["delete", "create"], {"name": "jobs"}),
        change("there", "aws_sqs_queue", ["no-op"], {"name": "jobs"}),
        change("other", "aws_kms_key", ["create"], {"name": "jobs"}),
        {**change("read", "aws_sqs_queue", ["create"], {"name": "jobs"}), "mode": "data"},
    ]
    plan = decode_plan(json.dumps({"format_version": "1.2", "resource_changes": changes}).encode())
    assert creations_of(plan) == (made("aws_sqs_queue", "jobs", "known"),)


def test_every_type_has_a_source_and_an_identifier_that_can_be_filled():
    for entry in adoptable_types():
        assert entry.source
        assert entry.id.format(arn="a", name="n", region="r", account="c")


def test_the_state_knows_by_arn_and_dns_records_by_name():
    group = item("log group", f"arn:aws:logs:{ACCOUNT}:log-group:/pr-7:*")
    dns = Item(kind="dns record", id="CNAME pr-7.example.com")
    resources = [
        {"type": "aws_cloudwatch_log_group", "instances": [{"attributes": {"arn": group.id[:-2]}}]},
        {
            "type": "aws_route53_record",
            "instances": [{"attributes": {"type": "CNAME", "fqdn": "pr-7.example.com"}}],
        },
        {"type": "aws_sqs_queue", "mode": "data", "instances": [{"attributes": {"arn": QUEUE.id}}]},
        {"type": "odd", "instances": [{}]},
    ]
    state = read_state(msgspec.json.encode({"resources": resources}))
    assert state is not None
    assert unknown_to(state, (group, dns, QUEUE)) == (QUEUE,)
    assert len(state.managed) == 3


def test_no_state_yet_knows_nothing_and_one_that_cannot_be_read_is_none():
    empty = read_state(b" \n")
    assert empty is not None
    assert unknown_to(empty, (QUEUE,)) == (QUEUE,)
    assert read_state(b"{") is None


TOPIC = Item(kind="sns topic", id="arn:aws:sns:eu-central-1:123456789012:pr-12-news")


def planned(fake):
    plan = json.loads(document("plan_small"))
    plan["resource_changes"] = [
        {
            "address": 'module.m.aws_sqs_queue.q["a b"]',
            "mode": "managed",
            "type": "aws_sqs_queue",
            "change": {"actions": ["create"], "after": {"name": "pr-12-jobs"}},
        }
    ]
    fake.plays(show=[{"stdout": json.dumps(plan)}])
    workspace = fake.workspace()
    return workspace, workspace.plan()


@pytest.mark.process
def test_what_the_plan_names_is_imported_and_the_rest_is_not(fake):
    workspace, plan = planned(fake)
    assert workspace.adopt(plan, (STRAY, TOPIC)) == (STRAY,)
    (call,) = fake.calls("import")
    assert call["arguments"][-2:] == [
        'module.m.aws_sqs_queue.q["a b"]',
        "https://sqs.eu-central-1.amazonaws.com/123456789012/pr-12-jobs",
    ]
    assert "pr-12-jobs was in no state" in workspace.repairs[0]


@pytest.mark.process
def test_an_import_that_fails_is_no_adoption(fake):
    workspace = fake.workspace()
    fake.plays(**{"import": [{"code": 1, "stderr": "Cannot import non-existent remote object"}]})
    plan = msgspec.structs.replace(
        workspace.plan(), creations=(Creation(address="a.b", type="aws_sqs_queue", name="pr-12-jobs"),)
    )
    assert workspace.adopt(plan, (STRAY,)) == ()
    assert workspace.repairs == ()
    assert "non-existent" in fake.said[-1]


@pytest.mark.process
def test_the_state_tells_what_it_knows(fake):
    known = {"mode": "managed", "type": "aws_sqs_queue", "instances": [{"attributes": {"arn": STRAY.id}}]}
    fake.plays(state_pull=[{"stdout": json.dumps({"version": 4, "resources": [known]})}])
    assert fake.workspace().unknown((STRAY, TOPIC)) == (TOPIC,)


@pytest.mark.process
def test_of_a_state_that_nobody_can_read_nothing_is_said_to_be_unknown(fake):
    fake.plays(state_pull=[{"stdout": "not JSON"}])
    assert fake.workspace().unknown((STRAY,)) == ()
