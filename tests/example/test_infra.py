import re

import pytest
import yaml

from tests.example.terraform_text import blocks, body_text, plain

# What the lifecycle can pass to a root module (`eod.lifecycle.place.variables_of`), beside `enable_*`.
PASSED = {
    "pr_number", "pr_url", "namespace", "environment", "domain", "hostname", "image_tag", "tier", "ttl_hours",
    "github_user", "repository", "region",
}  # fmt: skip
MODULES = ["infra", "infra/modules/preview"]


@pytest.mark.parametrize("folder", MODULES)
def test_every_file_parses_and_every_variable_and_output_is_explained(example, folder):
    for kind in ("variable", "output"):
        found = list(blocks(example / folder, kind))
        assert found
        for (name,), body in found:
            assert str(plain(body.get("description", ""))).endswith("."), f"{folder}: {kind} {name}"
            assert kind == "output" or "type" in body, f"{folder}: {name} has no type"


@pytest.mark.parametrize("folder", MODULES)
def test_every_variable_is_used(example, folder):
    text = body_text(example / folder)
    unused = [name for (name,), _ in blocks(example / folder, "variable") if f"var.{name}" not in text]
    assert not unused


def test_the_root_module_gives_the_module_all_it_asks_for_and_hands_all_outputs_on(example):
    root, module = (example / folder for folder in MODULES)
    ((_, call),) = blocks(root, "module")
    given = set(call) - {"source"} - {key for key in call if key.startswith("__")}
    assert given == {name for (name,), _ in blocks(module, "variable")}
    assert {name for (name,), _ in blocks(root, "output")} == {name for (name,), _ in blocks(module, "output")}


def test_everything_required_is_passed_by_eod_or_set_in_the_configuration(example):
    configuration = yaml.safe_load((example / ".github/eod.yml").read_text("utf-8"))
    shared = {f"shared_{key.replace('-', '_')}" for key in configuration["shared"]}
    team = shared | set(configuration["terraform"]["variables"])
    declared = {name: body for (name,), body in blocks(example / "infra", "variable")}
    required = {name for name, body in declared.items() if "default" not in body}
    assert required <= PASSED
    assert team <= set(declared), "the configuration sets what the root module does not declare"
    assert {name for name in declared if not name.startswith("enable_")} <= PASSED | team


def test_every_resource_can_be_switched_off(example):
    for labels, body in blocks(example / "infra/modules/preview", "resource"):
        switch = str(body.get("count") or body.get("for_each"))
        assert re.search(r"var\.enable_|local\.has_", switch), labels


def test_nothing_survives_its_environment_and_nobody_waits_for_the_cdn(example):
    resources = dict(blocks(example / "infra/modules/preview", "resource"))
    cluster = resources["aws_rds_cluster", "database"]
    assert cluster["skip_final_snapshot"] is True
    assert cluster["deletion_protection"] is False
    assert cluster["manage_master_user_password"] is True
    assert resources["aws_secretsmanager_secret", "connection"]["recovery_window_in_days"] == 0
    assert resources["aws_s3_bucket", "site"]["force_destroy"] is True
    assert resources["aws_cloudfront_distribution", "site"]["wait_for_deployment"] is False


def test_no_storage_is_public(example):
    resources = dict(blocks(example / "infra/modules/preview", "resource"))
    block = resources["aws_s3_bucket_public_access_block", "site"]
    assert all(
        block[name] is True
        for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    )


def test_tags_come_from_the_environment_alone(example):
    for folder in MODULES:
        for labels, body in blocks(example / folder, "resource"):
            assert "tags" not in body, labels
