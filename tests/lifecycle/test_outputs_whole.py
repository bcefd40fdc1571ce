"""Terraform's outputs through a whole run of the action: a played Terraform, a real record, the runner's file."""

import json

import pytest

from tests.terraform.fake import EMPTY_STATE, MODULE, Fake, outputs_only, play
from tests.terraform.support import stream

pytestmark = [pytest.mark.network, pytest.mark.process]

NASTY = "one\nEOF\ntier=full\n::error::two 'three' \"four\""
TOLD = {
    "hosts": {"value": ["a", {"b": NASTY}]},
    "password": {"sensitive": True, "value": "in-clear-9"},
    "url": {"value": "https://x"},
}
VALUES = {"hosts": ["a", {"b": NASTY}], "url": "https://x"}
RECORDED = {"values": VALUES, "sensitive": ["password"]}
CONFIG = """\
domain: preview.example.com
argocd: {mode: none}
aws: {enabled: false}
readiness: {enabled: false}
terraform:
  directory: infra
  binary: BINARY
  backend: {bucket: states}
"""


def applied():
    *lines, _outputs = stream("apply_ok").decode().splitlines()
    return {"stdout": "\n".join([*lines, json.dumps({"type": "outputs", "outputs": TOLD})]) + "\n"}


def nothing_to_do():
    plan = outputs_only()
    plan["prior_state"] = {"values": {"outputs": TOLD, "root_module": {}}}
    return {"stdout": json.dumps(plan)}


def test_they_are_recorded_and_handed_on_until_the_environment_is_gone(world, tmp_path):
    terraform = tmp_path / "played"
    terraform.mkdir()
    fake = Fake(terraform)
    fake.plays(apply=[applied()], state_pull=[{"stdout": EMPTY_STATE}])
    module = json.dumps(MODULE)
    world.reconfigure(CONFIG.replace("BINARY", str(fake.binary)))
    world.repository.push("main", {"infra/main.tf.json": module}, message="Infrastructure")
    number = world.open({"app/shop.py": "GREETING = 'Hello'\n"})

    assert world.event(number, "opened", tier="full") == 0
    assert world.record_of(number)["outputs"] == RECORDED
    assert json.loads(world.outputs["terraform-outputs"]) == VALUES
    assert world.outputs["tier"] == "full"

    fake.plays(plan=[play("plan_ok")], show=[nothing_to_do()], state_pull=[{"stdout": EMPTY_STATE}])
    world.repository.push("change", {"app/shop.py": "GREETING = 'Hi'\n"}, message="Again")
    assert world.event(number, "synchronize", tier="full") == 0
    assert world.outputs["plan-summary"] == "no changes"
    assert world.record_of(number)["outputs"] == RECORDED
    assert json.loads(world.outputs["terraform-outputs"]) == VALUES

    assert (
        world.act("workflow_dispatch", world.repository.dispatch_payload({}), command="status", pr_number="1") == 0
    )
    assert json.loads(world.outputs["terraform-outputs"]) == VALUES
    assert "output" not in fake.commands()
    assert "in-clear-9" not in world.record() + world.summary + world.comment(number)
    assert "https://x" not in world.comment(number)

    world.repository.close(number)
    assert world.event(number, "closed") == 0
    assert world.record() == ""
    assert world.outputs["terraform-outputs"] == ""
