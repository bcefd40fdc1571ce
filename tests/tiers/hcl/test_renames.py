"""Blocks under another name, and files in another directory: kept where Terraform is told, else made anew."""

import pytest

from tests.tiers.builders import evidence_of, judge

pytestmark = pytest.mark.process

QUEUE = 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n'
RENAMED = QUEUE.replace('" "jobs"', '" "work"')
STORE = 'resource "aws_db_instance" "jobs" {\n  engine = "postgres"\n}\n'
MOVED = "moved {\n  from = aws_sqs_queue.jobs\n  to   = aws_sqs_queue.work\n}\n"
TAKEN_OVER = """\
removed {
  from = aws_sqs_queue.jobs
  lifecycle {
    destroy = false
  }
}
import {
  to = aws_sqs_queue.work
  id = "https://sqs.example.com/jobs"
}
"""
CALL = 'module "jobs" {\n  source = "./queue"\n}\n'
LABEL = 'module "label" {\n  source = "./label"\n  name   = "shop"\n}\n'


def said(old, new, hcl, **options):
    found = evidence_of("m/main.tf", old, new, hcl=hcl, **options)
    return str(found.tier), found.rule


def test_a_resource_that_is_renamed_is_made_anew_and_says_so(hcl):
    found = evidence_of("m/main.tf", QUEUE, RENAMED, hcl=hcl)
    assert (str(found.tier), found.rule) == ("full", "hcl-queue")
    assert found.reason == (
        "`aws_sqs_queue.jobs` is called `aws_sqs_queue.work` now without a `moved` block, so it is made anew: "
        "message queue."
    )
    assert said(STORE, STORE.replace('" "jobs"', '" "work"'), hcl) == ("database", "hcl-database")


@pytest.mark.parametrize(
    ("record", "tier"),
    [
        (MOVED, "lightweight"),
        (MOVED.replace("work", "jobs_v2") + MOVED.replace("jobs", "jobs_v2"), "lightweight"),
        (MOVED.replace("jobs", 'jobs["a"]').replace("work", 'work["a"]'), "lightweight"),
        (TAKEN_OVER, "lightweight"),
        (TAKEN_OVER.replace("false", "true"), "full"),
        (TAKEN_OVER.partition("import")[0], "full"),
        (MOVED.replace("jobs", "other"), "full"),
        (MOVED.replace("to   = ", "to   = module.x."), "full"),
        ("moved {\n}\nremoved {\n}\nimport {\n}\n", "full"),
        (MOVED + MOVED.replace("jobs", "x").replace("work", "jobs").replace("x", "work"), "lightweight"),
    ],
    ids=["moved", "in steps", "by key", "taken over", "destroyed", "forgotten", "other", "into", "empty", "ring"],
)
def test_a_rename_that_terraform_is_told_of_weighs_little(hcl, record, tier):
    assert said(QUEUE, RENAMED + record, hcl)[0] == tier
    assert said(QUEUE, RENAMED, hcl, beside={"m/moved.tf": record})[0] == tier


def test_records_of_another_directory_tell_nothing(hcl):
    assert said(QUEUE, RENAMED, hcl, beside={"n/moved.tf": MOVED}) == ("full", "hcl-queue")


def test_records_in_json_tell_as_much(hcl):
    record = '{"moved": [{"from": "aws_sqs_queue.jobs", "to": "aws_sqs_queue.work"}]}'
    assert said(QUEUE, RENAMED, hcl, beside={"m/moved.tf.json": record}) == ("lightweight", "hcl-moved")


def test_references_follow_a_renamed_block_that_is_kept(hcl):
    role = 'resource "aws_iam_role_policy" "x" {\n  policy = aws_sqs_queue.jobs.arn\n}\n'
    store = STORE + '  # x\nresource "aws_db_proxy" "x" {\n  name = aws_sqs_queue.jobs.name\n}\n'
    new = (RENAMED + role + store).replace("queue.jobs", "queue.work")
    assert said(QUEUE + role + store, new + MOVED, hcl) == ("lightweight", "hcl-moved")


def test_what_refers_to_a_block_that_is_made_anew_changes(hcl):
    helper = 'resource "random_id" "a" {\n  byte_length = 4\n}\n'
    bucket = 'resource "aws_s3_bucket" "x" {\n  bucket = random_id.a.hex\n}\n'
    new = helper.replace('"a"', '"b"') + bucket.replace("id.a", "id.b")
    assert said(helper, helper.replace('"a"', '"b"'), hcl) == ("lightweight", "hcl-light")
    assert said(helper + bucket, new, hcl) == ("full", "hcl-storage")


def test_a_call_of_a_module_is_made_anew_unless_the_module_makes_nothing(hcl):
    beside = {
        "m/queue/main.tf": QUEUE,
        "m/label/main.tf": 'variable "name" {\n}\noutput "id" {\n  value = var.name\n}\n',
    }
    assert said(CALL, CALL.replace('"jobs"', '"work"'), hcl, beside=beside) == ("full", "hcl-module")
    record = "moved {\n  from = module.jobs\n  to   = module.work\n}\n"
    assert said(CALL, CALL.replace('"jobs"', '"work"') + record, hcl, beside=beside)[0] == "lightweight"
    named = LABEL + QUEUE.replace('"jobs"\n}', "module.label.id\n}")
    renamed = named.replace('"label"', '"this"').replace("module.label", "module.this")
    assert said(named, renamed, hcl)[0] == "full"
    assert said(named, renamed, hcl, beside=beside) == ("lightweight", "hcl-moved")


def test_a_data_source_reads_the_same_under_another_name(hcl):
    zone = 'data "aws_route53_zone" "a" {\n  name = "x"\n}\n'
    record = 'resource "aws_route53_record" "x" {\n  zone_id = data.aws_route53_zone.a.id\n}\n'
    new = (zone + record).replace('zone" "a"', 'zone" "b"').replace("zone.a", "zone.b")
    assert said(zone + record, new, hcl) == ("lightweight", "hcl-moved")


def test_a_module_that_is_moved_as_it_is_weighs_little(hcl):
    verdict = judge({"a/main.tf": QUEUE}, {"b/main.tf": QUEUE}, renames={"b/main.tf": "a/main.tf"}, hcl=hcl)
    assert str(verdict.tier) == "lightweight"


@pytest.mark.parametrize("rest", [{"a/x.tf": STORE}, {"b/x.tf": STORE}], ids=["left behind", "already there"])
def test_a_file_that_moves_from_one_module_to_another_makes_its_blocks_there(hcl, rest):
    renames = {"b/main.tf": "a/main.tf"}
    verdict = judge({"a/main.tf": QUEUE, **rest}, {"b/main.tf": QUEUE, **rest}, renames=renames, hcl=hcl)
    assert [(str(each.tier), each.rule) for each in verdict.evidence] == [("full", "hcl-queue")]
