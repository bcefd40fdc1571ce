"""Variables and outputs of modules: what becomes of them in who calls the module, and what their names say."""

import pytest

from tests.tiers.builders import evidence_of, judge

pytestmark = pytest.mark.process

SIZE = 'variable "size" {\n  default = "small"\n}\n'
STORE = 'resource "aws_db_instance" "x" {\n  instance_class = var.size\n}\n'
CONSTANT = 'output "size" {\n  value = "small"\n}\n'
CALL = 'module "facts" {\n  source = "../../modules/facts"\n}\n'


def said(path, old, new, hcl, **options):
    found = evidence_of(path, old, new, hcl=hcl, **options)
    return str(found.tier), found.rule


def test_a_variable_under_another_name_weighs_what_it_reaches(hcl):
    new = (SIZE + STORE).replace('"size"', '"class"').replace("var.size", "var.class")
    found = evidence_of("m/main.tf", SIZE + STORE, new, hcl=hcl)
    assert (str(found.tier), found.rule) == ("database", "hcl-database")
    assert found.reason == (
        "`var.size` is called `var.class` now, and so must callers call it: it reaches `instance_class` of "
        "`aws_db_instance.x`: managed database."
    )
    assert said("m/main.tf", SIZE, SIZE.replace('"size"', '"class"'), hcl) == ("lightweight", "hcl-moved")
    tags = SIZE.replace("size", "tags")
    assert said("m/main.tf", tags, tags.replace('"tags"', '"all_tags"'), hcl) == ("lightweight", "hcl-moved")


def test_callers_that_follow_another_name_weigh_the_same(hcl):
    old = {
        "modules/store/main.tf": SIZE + STORE,
        "live/main.tf": 'module "x" {\n  source = "../modules/store"\n  size = 1\n}\n',
    }
    new = {path: text.replace("size", "class") for path, text in old.items()}
    assert {str(each.tier) for each in judge(old, new, hcl=hcl).evidence} == {"database"}


@pytest.mark.parametrize(
    ("use", "tier"),
    [
        ('resource "aws_db_instance" "x" {\n  instance_class = module.facts.size\n}\n', "database"),
        ('resource "aws_db_instance" "x" {\n  instance_class = module.facts["eu"].size\n}\n', "database"),
        ('resource "aws_sqs_queue" "x" {\n  tags = { a = module.facts.size }\n}\n', "lightweight"),
        ('resource "aws_sqs_queue" "x" {\n  name = module.facts.sizes\n}\n', "lightweight"),
        (STORE.replace("var.size", "{ for k, m in module.facts : k => m.size }"), "database"),
        (STORE.replace("var.size", "values(module.facts)[*].size"), "database"),
        (STORE.replace("var.size", "module.facts.*.size[0]"), "database"),
        (STORE.replace("var.size", 'module.facts[local.m["k"]].size'), "database"),
        ("locals {\n  facts = module.facts\n}\n" + STORE.replace("var.size", "local.facts.size"), "database"),
        ('resource "aws_db_instance" "x" {\n  depends_on = [module.facts]\n}\n', "lightweight"),
        ('module "db" {\n  source = "../../modules/db"\n  class  = module.facts.size\n}\n', "database"),
    ],
    ids=[
        "resource",
        "by key",
        "tags",
        "another output",
        "all",
        "values",
        "splat",
        "by a key's key",
        "whole",
        "order",
        "another module",
    ],
)
def test_an_output_weighs_what_it_reaches_in_callers(hcl, use, tier):
    beside = {"live/eu/main.tf": CALL, "live/eu/use.tf": use, "modules/db/main.tf": STORE.replace("size", "class")}
    changed = CONSTANT.replace("small", "large")
    assert said("modules/facts/main.tf", CONSTANT, changed, hcl, beside=beside)[0] == tier
    renamed = CONSTANT.replace('"size"', '"class"')
    assert said("modules/facts/main.tf", CONSTANT, renamed, hcl, beside=beside)[0] == tier


def test_a_default_that_reaches_an_output_goes_on_to_callers(hcl):
    beside = {
        "modules/facts/out.tf": 'output "size" {\n  value = var.size\n}\n',
        "live/eu/main.tf": CALL + STORE.replace("var.size", "module.facts.size"),
    }
    changed = SIZE.replace("small", "large")
    assert said("modules/facts/main.tf", SIZE, changed, hcl, beside=beside) == ("database", "hcl-database")


def test_modules_that_hand_each_other_outputs_end(hcl):
    beside = {
        "a/main.tf": 'module "b" {\n  source = "../b"\n  x = module.b.y\n}\n',
        "a/out.tf": 'output "y" {\n  value = module.b.y\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n  x = module.a.y\n}\n',
    }
    old = 'output "y" {\n  value = 1\n}\n'
    assert said("b/out.tf", old, old.replace("1", "2"), hcl, beside=beside)[0] in {"lightweight", "full"}


@pytest.mark.parametrize(
    ("name", "value", "tier"),
    [
        ("db_engine_version", '"15"', "database"),
        ("vpc_id", '"vpc-1"', "full"),
        ("colour", '"red"', "lightweight"),
        ("vpc_id", "local.of_red.id", "full"),
        ("vpc_id", "aws_vpc.x.id", "lightweight"),
    ],
)
def test_an_output_that_nobody_here_uses_is_told_by_its_name(hcl, name, value, tier):
    old = f'output "{name}" {{\n  value = {value}\n}}\n'
    new = old.replace('"15"', '"16"').replace("vpc-1", "vpc-2").replace("red", "blue").replace("x.id", "y.id")
    assert said("facts/main.tf", old, new, hcl)[0] == tier


def test_an_output_of_a_database_under_another_name_is_one(hcl):
    old = 'output "endpoint" {\n  description = "Where the database is"\n  value = aws_db_instance.x.endpoint\n}\n'
    assert said("m/main.tf", old, old.replace('"endpoint"', '"address"'), hcl) == ("database", "hcl-database")


def test_what_is_called_a_database_is_no_matter_of_scaling(hcl):
    old = 'rds_instance_type = "a"\nworker_instance_type = "a"\ndb = { memory = 1 }\n'
    path = "env/prod.tfvars"
    assert said(path, old, old.replace('rds_instance_type = "a"', 'rds_instance_type = "b"'), hcl)[0] == "database"
    assert said(path, old, old.replace("memory = 1", "memory = 2"), hcl)[0] == "database"
    assert said(path, old, old.replace('worker_instance_type = "a"', 'worker_instance_type = "b"'), hcl)[0] == (
        "lightweight"
    )
    described = 'variable "instance_type" {\n  description = "Size of the database"\n  default = "a"\n}\n'
    assert said("m/v.tf", described, described.replace('"a"', '"b"'), hcl)[0] == "full"
    call = 'module "app" {\n  source = "acme/app/aws"\n  db_instance_type = "a"\n}\n'
    assert said("m/main.tf", call, call.replace('"a"', '"b"'), hcl)[0] == "database"


@pytest.mark.parametrize(
    ("before", "after"), [("null", '"db.r5"'), ('"db.r5"', "null"), ("{}", "{ a = 1 }"), ("[{ a = 1 }]", "[]")]
)
def test_a_default_of_nothing_is_a_default_too(hcl, before, after):
    old = f'variable "size" {{\n  default = {before}\n}}\n' + STORE
    new = f'variable "size" {{\n  default = {after}\n}}\n' + STORE
    assert said("m/main.tf", old, new, hcl) == ("database", "hcl-database")


def test_a_default_that_comes_leaves_callers_as_they_are(hcl):
    old = 'variable "size" {\n}\n' + STORE
    assert said("m/main.tf", old, SIZE + STORE, hcl) == ("lightweight", "hcl-variable")


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ('optional(string, "15")', 'optional(string, "16")', "database"),
        ('optional(map(any), { a = "b" })', 'optional(map(any), { a = "c" })', "database"),
        (
            'optional(object({ a = optional(any, "b") }))',
            'optional(object({ a = optional(any, "c") }))',
            "database",
        ),
        ('optional(any, "b, (c")', 'optional(string, "b, (c")', "lightweight"),
        ('optional(string, "15")', 'optional(string, "15"), class = optional(string, "db.t3")', "lightweight"),
        ('optional(string, "15")', "optional(string)", "database"),
        ("optional(string)", 'optional(string, "15")', "database"),
        ("string", 'optional(string, "15")', "lightweight"),
        ("optional(string)", 'optional(string), class = optional(string, "db.t3")', "lightweight"),
        ('optional(string, "15"), class = optional(any, 1)', 'optional(string, "15")', "lightweight"),
        ("optional(", "optional(string", "full"),
    ],
)
def test_a_default_within_a_type_is_a_default(hcl, old, new, tier):
    def text(kind):
        return f'variable "store" {{\n  type = object({{ engine = {kind} }})\n}}\n'

    store = 'resource "aws_db_instance" "x" {\n  engine_version = var.store.engine\n}\n'
    assert said("m/v.tf", text(old), text(new), hcl, beside={"m/main.tf": store})[0] == tier
