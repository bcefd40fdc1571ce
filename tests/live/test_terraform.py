import pytest

from eod.errors import ApplyFailedError, PlanFailedError, StateLockedError, TerraformError, UnapprovedChangeError
from eod.model.outputs import Outputs
from eod.model.plan import ResourceProgress
from standins.moto.locks import make_lock_table
from standins.moto.server import moto_server
from tests.engines import LOCK
from tests.live.terraform_place import SLOW, nothing, told

pytestmark = [pytest.mark.live, pytest.mark.process, pytest.mark.network]


def test_the_whole_life(place):
    place.module(
        'variable "n" {}\nvariable "secret" {\n  default   = "hush"\n  sensitive = true\n}\n'
        'resource "terraform_data" "a" {\n  input = var.n\n}\n'
        'resource "terraform_data" "b" {\n  input = var.secret\n}\n'
        'output "n" {\n  value = terraform_data.a.output\n}\n'
        'output "s" {\n  value     = var.secret\n  sensitive = true\n}\n'
    )
    workspace = place.workspace(variables={"n": 7, "other": 1})
    plan = workspace.plan()
    assert plan.summary.line == "2 to add, 0 to change, 0 to destroy"
    assert "terraform_data.a will be created" in plan.text
    assert "hush" not in plan.text
    seen: list[ResourceProgress] = []
    result = workspace.apply(plan, seen.append)
    assert (result.added, result.outputs) == (2, Outputs(values={"n": 7}, sensitive=("s",)))
    assert {(p.address, p.state) for p in seen} >= {
        ("terraform_data.a", "started"),
        ("terraform_data.a", "complete"),
    }
    again = workspace.plan()
    assert again.summary.empty
    assert again.outputs == result.outputs

    changed = place.workspace(variables={"n": 8})
    second = changed.plan()
    assert second.summary.line == "0 to add, 1 to change, 0 to destroy"
    assert changed.apply(second, nothing).changed == 1

    assert changed.destroy(nothing).destroyed == 2
    assert place.addresses() == set()
    assert changed.destroy(nothing).destroyed == 0
    assert "state is empty" in place.said[-1]


def test_outputs_alone_are_applied_and_then_nothing_is_left(place):
    module = 'resource "terraform_data" "a" {\n  input = 1\n}\noutput "url" {\n  value = "URL"\n}\n'
    place.module(module)
    workspace = place.workspace()
    workspace.apply(workspace.plan(), nothing)
    assert workspace.plan().summary.empty
    place.module(module.replace("URL", "https://new"))
    plan = workspace.plan()
    assert plan.summary.line == "outputs change only: url"
    assert workspace.apply(plan, nothing).outputs == Outputs(values={"url": "https://new"})
    assert place.state()["outputs"]["url"]["value"] == "https://new"
    assert workspace.plan().summary.empty


def test_what_is_sensitive_is_known_before_a_plan_is_shown_and_before_a_failure_is_told(place):
    quoting = '  provisioner "local-exec" {\n    command = "echo ${nonsensitive(SECRET)}; exit 3"\n  }\n'
    place.module(
        'variable "pw" {\n  default   = "s3cr3t-variable"\n  sensitive = true\n}\n'
        'resource "terraform_data" "made" {\n  input = sensitive(uuid())\n}\n'
        'resource "terraform_data" "planned" {\n'
        '  input = { deep = [sensitive("s3cr3t-nested"), 1] }\n'
        + quoting.replace("SECRET", "var.pw")
        + '}\nresource "terraform_data" "quoting" {\n  input = terraform_data.made.id\n'
        + quoting.replace("SECRET", "terraform_data.made.input")
        + "}\n"
    )
    workspace = place.workspace()
    plan = workspace.plan()
    assert {"s3cr3t-variable", "s3cr3t-nested"} <= set(place.hidden)
    hidden_when_told: list[set[str]] = []

    def on_progress(progress):
        if progress.message:
            hidden_when_told.append(set(place.hidden))

    with pytest.raises(ApplyFailedError) as failed:
        workspace.apply(plan, on_progress)
    made = next(r for r in place.state()["resources"] if r["name"] == "made")["instances"][0]["attributes"]
    secret = made["input"]["value"] if isinstance(made["input"], dict) else made["input"]
    assert secret not in str(failed.value)
    assert "***" in failed.value.detail
    assert hidden_when_told
    assert all(secret in hidden for hidden in hidden_when_told)


def test_a_state_that_never_was_is_destroyed_at_once(place):
    place.module(SLOW)
    assert place.workspace().destroy(nothing).destroyed == 0


def test_what_is_wrong_is_told_with_its_place(place):
    place.module('resource "terraform_data" "a" {\n  inptu = 1\n}\n')
    with pytest.raises(PlanFailedError) as failed:
        place.workspace().plan()
    assert failed.value.where == "main.tf:5"
    place.module('resource "terraform_data" "a" {\n')
    with pytest.raises(TerraformError, match="could not be initialised") as unparsed:
        place.workspace().plan()
    assert unparsed.value.where == "main.tf:4"


def test_a_failed_apply_is_counted_and_told(place):
    place.module(SLOW.replace("sleep SECONDS", "echo no; exit 3"))
    workspace = place.workspace()
    with pytest.raises(ApplyFailedError, match="1 added, 0 changed, 0 destroyed, 1 failed") as failed:
        workspace.apply(workspace.plan(), nothing)
    assert "exit status 3" in failed.value.detail
    assert place.addresses() == {"terraform_data.quick", "terraform_data.slow"}


def test_a_stale_plan_is_made_anew_and_only_what_was_approved_is_done(place):
    place.module(SLOW.replace("SECONDS", "0"))
    workspace = place.workspace()
    plan = workspace.plan()
    other = place.workspace(steps="other")
    other.apply(other.plan(), nothing)
    result = workspace.apply(plan, nothing)
    assert (result.attempts, result.added) == (2, 0)
    assert "stale-plan" in result.retried[0]

    plan = workspace.plan()
    other.destroy(nothing)
    with pytest.raises(UnapprovedChangeError, match="not approved") as refused:
        workspace.apply(plan, nothing)
    assert "terraform_data.quick: create" in refused.value.detail
    assert place.addresses() == set()


def test_a_lock_is_told_with_its_holder(place):
    place.module(SLOW.replace("SECONDS", "30"))
    driver = place.driver()
    told(driver, "started", "slow")
    with pytest.raises(StateLockedError, match="for apply since 20") as locked:
        place.workspace(steps="other", lock_timeout_seconds=1).plan()
    assert "force-unlock" in locked.value.fix


AWS = """
terraform {
  required_providers {
    aws = {
      source = "registry.terraform.io/hashicorp/aws"
    }
  }
}
provider "aws" {}
resource "aws_sns_topic" "t" {
  name = "pr-1"
}
resource "aws_s3_bucket" "b" {
  bucket        = "bucket-pr-1"
  force_destroy = true
}
"""


def test_with_the_real_provider_the_tags_are_part_of_the_plan(place):
    tags = {"environment.on-demand/name": "pr-1", "environment.on-demand/owner": "me@here"}
    place.module(AWS, "s3")
    place.backend = {
        "key": "eod/pr-1.tfstate",
        "bucket": "states",
        **{name: str(value).lower() for name, value in LOCK.items()},
        "region": "eu-central-1",
    }
    with moto_server() as moto:
        place.environ = {**place.environ, **moto.environment()}
        make_lock_table(moto.client("dynamodb"))
        moto.client("s3").create_bucket(
            Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        workspace = place.workspace(tags=tags)
        plan = workspace.plan()
        assert plan.summary.adds == 2
        assert [b.kind for b in plan.summary.blocking] == ["queue"]
        result = workspace.apply(plan, nothing)
        assert result.added == 2
        topics = moto.client("sns")
        (topic,) = topics.list_topics()["Topics"]
        listed = topics.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in listed} == tags
        assert place.workspace(tags=tags).plan().summary.empty
        assert place.workspace().plan().summary.changes == 2
        assert workspace.destroy(nothing).destroyed == 2
        assert topics.list_topics()["Topics"] == []
