"""What each kind of change asks for, read by the real parser out of two trees in memory."""

import pytest

from tests.tiers.builders import evidence_of, judge

pytestmark = pytest.mark.process

QUEUE = 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n'
DATABASE = (
    'resource "aws_rds_cluster" "main" {\n  engine_version = "15.4"\n  tags = {\n    Team = "shop"\n  }\n}\n'
)
SERVICE = """\
resource "aws_ecs_service" "web" {
  name          = "web"
  desired_count = 2
  lifecycle {
    ignore_changes = [task_definition]
  }
}
"""
TASK = """\
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "shop:1"
    portMappings = [{ containerPort = 80 }]
  }])
}
"""
GROUP = """\
resource "aws_security_group" "web" {
  description = "Web"
  ingress {
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
}
"""
HELM = """\
resource "helm_release" "shop" {
  chart   = "shop"
  version = "1.2.3"
  set {
    name  = "image.tag"
    value = "1"
  }
  set {
    name  = "feature.colour"
    value = "red"
  }
}
"""
MESH = HELM.replace("shop", "istiod")
VPC = """\
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.1.0"
  cidr    = "10.0.0.0/16"
}
"""
AURORA = 'module "store" {\n  source  = "terraform-aws-modules/rds-aurora/aws"\n  version = "8.1.0"\n}\n'
APP = 'module "app" {\n  source = "git::https://example.com/app.git?ref=v1.2.0"\n  tags   = { a = "b" }\n}\n'
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  default_tags {\n    tags = { a = "b" }\n  }\n}\n'
NEEDS = """\
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.1"
    }
  }
  backend "s3" {
    bucket = "state"
  }
}
"""
VARIABLE = 'variable "size" {\n  description = "Size"\n  type        = string\n  default     = "small"\n}\n'


def said(old, new, hcl, path="infra/main.tf", **options):
    found = evidence_of(path, old, new, hcl=hcl, **options)
    return str(found.tier), found.rule


CASES = {
    "queue added": ("", QUEUE, "full", "hcl-queue"),
    "queue removed": (QUEUE, "# none\n", "full", "hcl-queue"),
    "queue changed": (QUEUE, QUEUE.replace('"jobs"\n}', '"work"\n}'), "full", "hcl-queue"),
    "engine version": (DATABASE, DATABASE.replace("15.4", "16.1"), "database", "hcl-database"),
    "database added": ("", DATABASE, "database", "hcl-database"),
    "database's tags": (DATABASE, DATABASE.replace('"shop"', '"cart"'), "none", "hcl-labels"),
    "tags added": (QUEUE, QUEUE.replace("}", "  tags = { a = var.b }\n}"), "none", "hcl-labels"),
    "tags and a name": (
        DATABASE,
        DATABASE.replace('"shop"', '"cart"').replace("15.4", "15.5"),
        "database",
        "hcl-database",
    ),
    "comment": (QUEUE, "# why\n" + QUEUE.replace("\n}", "  # because\n}"), "none", "comments"),
    "formatting": (QUEUE, QUEUE.replace("name = ", "name      =    "), "none", "whitespace"),
    "order": (QUEUE + DATABASE, DATABASE + "\n\n" + QUEUE, "none", "hcl-unchanged"),
    "count": (QUEUE, QUEUE.replace("name", "count = 2\n  name"), "full", "hcl-queue"),
    "for_each of a service": (
        SERVICE, SERVICE.replace("name ", "for_each = var.x\n  name "), "full", "hcl-serverless",
    ),
    "scaling": (SERVICE, SERVICE.replace("= 2", "= 3"), "lightweight", "hcl-scaling"),
    "lifecycle": (SERVICE, SERVICE.replace("[task_definition]", "[]"), "lightweight", "hcl-operation"),
    "image in a call": (TASK, TASK.replace("shop:1", "shop:2"), "lightweight", "hcl-release"),
    "port in a call": (TASK, TASK.replace("80 }", "81 }"), "full", "hcl-compute"),
    "description of a rule": (GROUP, GROUP.replace('"Web"', '"The web"'), "none", "hcl-labels"),
    "network rule": (GROUP, GROUP.replace("10.0.0.0/8", "0.0.0.0/0"), "full", "hcl-network"),
    "chart's image": (HELM, HELM.replace('value = "1"', 'value = "2"'), "lightweight", "hcl-release"),
    "chart's value": (HELM, HELM.replace('"red"', '"blue"'), "lightweight", "hcl-workload"),
    "chart added": ("", HELM, "full", "hcl-workload"),
    "mesh": (
        MESH, MESH.replace("red", "blue"), "full", "hcl-policy",
    ),
    "alarm": (
        "",
        'resource "aws_cloudwatch_metric_alarm" "x" {\n  alarm_name = "x"\n}\n',
        "lightweight",
        "hcl-monitoring",
    ),
    "log group's retention": (
        'resource "aws_cloudwatch_log_group" "x" {\n  retention_in_days = 7\n}\n',
        'resource "aws_cloudwatch_log_group" "x" {\n  retention_in_days = 14\n}\n',
        "lightweight",
        "hcl-operation",
    ),
    "unknown type": ("", 'resource "acme_thing" "x" {\n}\n', "full", "hcl-unknown"),
    "scaling policy": ("", 'resource "aws_appautoscaling_target" "x" {\n}\n', "lightweight", "hcl-light"),
    "helper": ("", 'resource "random_id" "x" {\n  byte_length = 4\n}\n', "lightweight", "hcl-light"),
    "provisioner": (
        "",
        'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "x"\n  }\n}\n',
        "full",
        "hcl-unknown",
    ),
    "plain parameter": (
        'resource "aws_ssm_parameter" "x" {\n  type = "String"\n  value = "a"\n}\n',
        'resource "aws_ssm_parameter" "x" {\n  type = "String"\n  value = "b"\n}\n',
        "lightweight",
        "hcl-secret",
    ),
    "secret parameter": (
        'resource "aws_ssm_parameter" "x" {\n  type = "SecureString"\n  value = "a"\n}\n',
        'resource "aws_ssm_parameter" "x" {\n  type = "SecureString"\n  value = "b"\n}\n',
        "full",
        "hcl-secret",
    ),
    "data source": ("", 'data "aws_region" "x" {\n}\n', "lightweight", "hcl-data"),
    "policy document": (
        "",
        'data "aws_iam_policy_document" "x" {\n  statement {\n    actions = ["*"]\n  }\n}\n',
        "full",
        "hcl-identity",
    ),
    "renamed": (QUEUE, QUEUE.replace('" "jobs"', '" "work"'), "full", "hcl-queue"),
    "moved and changed": (
        QUEUE,
        QUEUE.replace('" "jobs"', '" "work"').replace("\n}", "\n  delay_seconds = 3\n}")
        + "moved {\n  from = aws_sqs_queue.jobs\n  to = aws_sqs_queue.work\n}\n",
        "full",
        "hcl-queue",
    ),
    "moved alone": (QUEUE, QUEUE + "moved {\n  from = a.b\n  to = a.c\n}\n", "lightweight", "hcl-moved"),
    "output added": ("", 'output "x" {\n  value = 1\n}\n', "lightweight", "hcl-output"),
    "output's description": (
        'output "x" {\n  value = 1\n  description = "a"\n}\n',
        'output "x" {\n  value = 1\n  description = "b"\n  sensitive = true\n}\n',
        "none",
        "hcl-labels",
    ),
    "network module, minor": (VPC, VPC.replace("5.1.0", "5.2.0"), "full", "hcl-network"),
    "network module's input": (VPC, VPC.replace("10.0", "10.1"), "full", "hcl-network"),
    "database module, minor": (AURORA, AURORA.replace("8.1.0", "8.2.0"), "database", "hcl-database"),
    "database module, major": (AURORA, AURORA.replace("8.1.0", "9.0.0"), "full", "hcl-module"),
    "database module's input": (
        AURORA,
        AURORA.replace("\n}", '\n  instance_type = "db.r6g.large"\n}'),
        "database",
        "hcl-database",
    ),
    "module's patch": (APP, APP.replace("v1.2.0", "v1.2.1"), "lightweight", "hcl-module"),
    "module's minor": (APP, APP.replace("v1.2.0", "v1.3.0"), "full", "hcl-module"),
    "module's source": (APP, APP.replace("app.git", "web.git"), "full", "hcl-module"),
    "module's tags": (APP, APP.replace('"b"', '"c"'), "none", "hcl-labels"),
    "module's image": (APP, APP.replace("\n}", '\n  image_tag = "3"\n}'), "lightweight", "hcl-release"),
    "module's input": (APP, APP.replace("\n}", '\n  zones = ["a"]\n}'), "full", "hcl-compute"),
    "module added": ("", APP, "full", "hcl-module"),
    "module for alarms added": (
        "", 'module "alarms" {\n  source = "acme/alarms/aws"\n}\n', "lightweight", "hcl-module",
    ),
    "region": (PROVIDER, PROVIDER.replace("west", "north"), "full", "hcl-provider"),
    "default tags": (PROVIDER, PROVIDER.replace('"b"', '"c"'), "none", "hcl-labels"),
    "terraform's version": (NEEDS, NEEDS.replace("1.5", "1.6"), "lightweight", "hcl-terraform"),
    "provider's minor": (NEEDS, NEEDS.replace("5.1", "5.2"), "lightweight", "hcl-provider"),
    "provider's major": (NEEDS, NEEDS.replace("5.1", "6.0"), "full", "hcl-provider"),
    "backend": (NEEDS, NEEDS.replace('"state"', '"other"'), "full", "hcl-backend"),
    "variable's description": (VARIABLE, VARIABLE.replace('"Size"', '"How big"'), "none", "hcl-labels"),
    "variable added": ("", VARIABLE, "lightweight", "hcl-variable"),
    "variable's type": (VARIABLE, VARIABLE.replace("= string", "= any"), "lightweight", "hcl-variable"),
    "error message": (
        'variable "x" {\n  validation {\n    condition = true\n    error_message = "a"\n  }\n}\n',
        'variable "x" {\n  validation {\n    condition = true\n    error_message = "b"\n  }\n}\n',
        "none",
        "hcl-labels",
    ),
    "unparsable before": ("resource {", QUEUE, "full", "hcl-unreadable"),
    "unparsable after": (QUEUE, QUEUE + "resource {", "full", "hcl-unreadable"),
    "binary": (QUEUE, b"\0\1", "full", "hcl-unreadable"),
    "no UTF-8": (QUEUE, QUEUE.encode() + b'# caf\xe9\n', "none", "comments"),
    "unknown block": ("", 'frobnicate "x" {\n}\n', "full", "hcl-unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "tier", "rule"), CASES.values(), ids=CASES)
def test_what_a_change_asks_for(hcl, old, new, tier, rule):
    assert said(old, new, hcl) == (tier, rule)


def test_the_reason_names_block_and_attribute(hcl):
    added = evidence_of("main.tf", None, QUEUE, hcl=hcl)
    assert added.reason == "Adds `aws_sqs_queue.jobs`: message queue."
    changed = evidence_of("main.tf", DATABASE, DATABASE.replace("15.4", "16.1"), hcl=hcl)
    assert changed.reason == "Changes `engine_version` of `aws_rds_cluster.main`: managed database."


def test_a_file_that_comes_or_goes_is_judged_by_its_blocks(hcl):
    assert said(None, QUEUE, hcl) == ("full", "hcl-queue")
    assert said(DATABASE, None, hcl) == ("database", "hcl-database")


def test_a_block_that_moves_to_another_file_of_its_module_is_no_change(hcl):
    verdict = judge(
        {"infra/main.tf": QUEUE + DATABASE},
        {"infra/main.tf": QUEUE, "infra/store.tf": DATABASE.replace("15.4", '15.4"  # now\n  x = "1')},
        hcl=hcl,
    )
    assert {str(each.tier) for each in verdict.evidence} == {"database"}
    verdict = judge(
        {"infra/main.tf": QUEUE + DATABASE}, {"infra/main.tf": QUEUE, "infra/store.tf": DATABASE}, hcl=hcl
    )
    assert [(each.path, str(each.tier)) for each in verdict.evidence] == [
        ("infra/main.tf", "none"),
        ("infra/store.tf", "none"),
    ]


def test_a_block_that_moves_to_another_module_is_made_there(hcl):
    verdict = judge({"a/main.tf": QUEUE}, {"b/main.tf": QUEUE, "b/x.tf": QUEUE + DATABASE}, hcl=hcl)
    assert str(verdict.tier) == "full"


@pytest.mark.parametrize("name", ["infra/main.tf.json", "infra/main.tofu.json"])
def test_json_is_read_as_terraform_reads_it(hcl, name):
    old = '{"resource": {"aws_sqs_queue": {"jobs": {"name": "a", "tags": {"x": "1"}}}}}'
    assert said(old, old.replace('"1"', '"2"'), hcl, name) == ("none", "hcl-labels")
    assert said(old, old.replace('"a"', '"b"'), hcl, name) == ("full", "hcl-queue")
    assert said(old, '{\n  "//": "why",\n' + old[1:], hcl, name)[0] == "none"
    assert said(old, "[1]", hcl, name) == ("full", "hcl-unreadable")
    assert said(old, "[" * 100_000, hcl, name) == ("full", "hcl-unreadable")


def test_without_content_or_parser_the_path_decides():
    assert evidence_of("infra/main.tf", QUEUE, QUEUE.replace("jobs", "x")).rule == "infrastructure"


def test_the_examiner_can_be_switched_off(hcl):
    from msgspec import structs

    from tests.tiers.builders import CONFIG

    config = structs.replace(CONFIG, switched_off=("hcl",))
    assert said(QUEUE, QUEUE + '\n# x\noutput "a" {\n value = 1\n}\n', hcl, config=config)[1] == "infrastructure"
