"""Values that other blocks refer to: variables, locals, inputs of modules, files of values, Terragrunt."""

import pytest

from tests.tiers.builders import evidence_of, judge

pytestmark = pytest.mark.process

DATABASE = 'resource "aws_db_instance" "main" {\n  instance_class = local.class\n}\n'
LOCALS = 'locals {\n  class = var.class == "" ? "db.t3" : var.class\n}\n'
CLASS = 'variable "class" {\n  default = "db.t4g.micro"\n}\n'
TAGS = """\
locals {
  base = { team = "a" }
}
resource "aws_s3_bucket" "x" {
  tags = merge(local.base, { b = 1 })
}
"""


def said(path, old, new, hcl, **options):
    found = evidence_of(path, old, new, hcl=hcl, **options)
    return str(found.tier), found.rule


def test_a_default_weighs_what_it_reaches(hcl):
    beside = {"m/main.tf": DATABASE, "m/locals.tf": LOCALS}
    found = evidence_of("m/variables.tf", CLASS, CLASS.replace("micro", "large"), beside=beside, hcl=hcl)
    assert (str(found.tier), found.rule) == ("database", "hcl-database")
    assert "aws_db_instance.main" in found.reason


def test_a_local_that_only_reaches_tags_is_none(hcl):
    assert said("m/main.tf", TAGS, TAGS.replace('"a"', '"b"'), hcl) == ("none", "hcl-labels")


def test_a_local_that_refers_to_itself_ends(hcl):
    old = "locals {\n  a = local.b\n  b = local.a\n}\n"
    assert said("m/main.tf", old, old.replace("a = local.b", "a = [local.b]"), hcl)[0] == "full"


def test_a_default_that_reaches_an_image_is_a_release(hcl):
    task = (
        'resource "aws_ecs_task_definition" "x" {\n'
        '  container_definitions = jsonencode([{ image = "shop:${var.build}", name = "x" }])\n}\n'
    )
    old = 'variable "build" {\n  default = "1"\n}\n'
    assert said("m/v.tf", old, old.replace('"1"', '"2"'), hcl, beside={"m/main.tf": task}) == (
        "lightweight",
        "hcl-release",
    )


def test_a_default_that_nobody_is_seen_to_use_is_strict_but_for_its_name(hcl):
    old = 'variable "x" {\n  default = 1\n}\n'
    assert said("m/v.tf", old, old.replace("1", "2"), hcl) == ("full", "hcl-untold")
    old = old.replace('"x"', '"postgres_version"')
    assert said("m/v.tf", old, old.replace("= 1", "= 2"), hcl) == ("database", "hcl-database")
    old = old.replace("postgres_version", "image_tag")
    assert said("m/v.tf", old, old.replace("= 1", "= 2"), hcl) == ("lightweight", "hcl-release")


def test_a_data_source_reaches_those_who_use_it(hcl):
    group = 'resource "aws_security_group_rule" "x" {\n  cidr_blocks = data.aws_ip_ranges.x.cidr_blocks\n}\n'
    old = 'data "aws_ip_ranges" "x" {\n  regions = ["eu"]\n}\n'
    beside = {"m/main.tf": group}
    assert said("m/data.tf", old, old.replace("eu", "us"), hcl, beside=beside) == ("full", "hcl-network")
    assert said("m/data.tf", old, old.replace("eu", "us"), hcl) == ("lightweight", "hcl-data")


def test_a_local_modules_input_is_followed_into_it(hcl):
    call = 'module "store" {\n  source = "../modules/store"\n  size   = "a"\n  label  = "x"\n}\n'
    store = (
        'resource "aws_db_instance" "x" {\n  instance_class = var.size\n  tags = {\n    L = var.label\n  }\n}\n'
    )
    beside = {"modules/store/main.tf": store}
    assert said("live/main.tf", call, call.replace('"a"', '"b"'), hcl, beside=beside) == (
        "database",
        "hcl-database",
    )
    assert said("live/main.tf", call, call.replace('"x"', '"y"'), hcl, beside=beside) == ("none", "hcl-labels")


def test_a_local_module_that_is_added_weighs_what_it_makes(hcl):
    call = 'module "x" {\n  source = "./watch"\n}\n'
    alarm = {"watch/main.tf": 'resource "aws_cloudwatch_metric_alarm" "x" {\n}\n'}
    assert said("main.tf", None, call, hcl, beside=alarm) == ("lightweight", "hcl-module")
    queue = {"watch/main.tf": alarm["watch/main.tf"] + 'resource "aws_sqs_queue" "x" {\n}\n'}
    assert said("main.tf", None, call, hcl, beside=queue) == ("full", "hcl-module")


@pytest.mark.parametrize("path", ["m/terraform.tfvars", "m/env/prod.tfvars", "m/env/eu/prod.auto.tfvars"])
def test_values_are_followed_into_the_module_that_declares_them(hcl, path):
    beside = {"m/main.tf": DATABASE, "m/locals.tf": LOCALS, "m/variables.tf": CLASS}
    assert said(path, 'class = "a"\n', 'class = "b"\n', hcl, beside=beside) == ("database", "hcl-database")
    assert said(path, 'tags = { a = "a" }\n', 'tags = { a = "b" }\n', hcl, beside=beside) == ("none", "hcl-labels")
    assert said(path, "x = 1\n", "x = 2\n", hcl, beside=beside) == ("full", "hcl-untold")
    assert said(path, "x = 1\n", "x = [\n", hcl, beside=beside) == ("full", "hcl-unreadable")


def test_values_in_json_are_read_as_well(hcl):
    beside = {"m/main.tf": DATABASE, "m/locals.tf": LOCALS, "m/variables.tf": CLASS}
    old = '{"class": "a"}'
    assert said("m/x.tfvars.json", old, '{"class": "b"}', hcl, beside=beside) == ("database", "hcl-database")


LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.1.0"
  constraints = "~> 5.0"
  hashes = [
    "h1:aaa",
  ]
}
"""


@pytest.mark.parametrize(
    ("new", "tier"),
    [
        (LOCK.replace("5.1.0", "5.2.0").replace("aaa", "bbb"), "lightweight"),
        (LOCK.replace("5.1.0", "6.0.0"), "full"),
        (LOCK.replace('"h1:aaa",', '"h1:aaa",\n    "h1:bbb",'), "none"),
        (LOCK + LOCK.replace("/aws", "/random"), "lightweight"),
        (LOCK[:-3], "full"),
    ],
    ids=["minor", "major", "hashes", "another", "broken"],
)
def test_the_lock_file_weighs_how_far_providers_move(hcl, new, tier):
    assert said("infra/.terraform.lock.hcl", LOCK, new, hcl)[0] == tier


UNIT = """\
include "root" {
  path = find_in_parent_folders()
}
terraform {
  source = "git::https://example.com/modules.git//app?ref=v1.2.0"
}
dependency "vpc" {
  config_path = "../vpc"
}
inputs = {
  name      = "app"
  image_tag = "1"
  zones     = dependency.vpc.outputs.zones
  tags      = { a = "b" }
}
"""


@pytest.mark.parametrize(
    ("path", "new", "tier"),
    [
        ("live/app/terragrunt.hcl", UNIT.replace("v1.2.0", "v1.2.1"), "lightweight"),
        ("live/app/terragrunt.hcl", UNIT.replace("v1.2.0", "v2.0.0"), "full"),
        ("live/app/terragrunt.hcl", UNIT.replace('"1"', '"2"'), "lightweight"),
        ("live/app/terragrunt.hcl", UNIT.replace('"b"', '"c"'), "none"),
        ("live/app/terragrunt.hcl", UNIT.replace('"app"\n', '"web"\n'), "full"),
        ("live/rds/terragrunt.hcl", UNIT.replace('"app"\n', '"web"\n'), "database"),
        ("live/app/terragrunt.hcl", UNIT.replace("../vpc", "../net"), "full"),
        ("live/app/terragrunt.hcl", UNIT + "\n# the end\n", "none"),
        ("live/app/terragrunt.hcl", "{", "full"),
    ],
)
def test_terragrunt_is_read_by_source_and_inputs(hcl, path, new, tier):
    assert said(path, UNIT, new, hcl)[0] == tier


def test_hcl_that_is_neither_is_left_to_the_path_rules(hcl):
    assert said("packer/x.pkr.hcl", "a = 1\n", "a = 2\n", hcl)[1] == "infrastructure"
    assert not said("docker-bake.hcl", "a = 1\n", "a = 2\n", hcl)[1].startswith("hcl-")


def test_a_file_alone_in_a_large_change_is_no_heavier(hcl):
    before = {f"m{at}/main.tf": DATABASE for at in range(30)}
    after = {path: text.replace("}", '  tags = { a = "b" }\n}') for path, text in before.items()}
    assert {str(each.tier) for each in judge(before, after, hcl=hcl).evidence} == {"none"}
