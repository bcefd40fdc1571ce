import os

import pytest

from eod.cli.clock import SystemClock
from eod.interrupts import Interrupts
from eod.terraform.runner import TerraformRunner
from eod.terraform.settings import Settings

pytestmark = [pytest.mark.live]
MODULE = """\
terraform {
  backend "local" {}
}
variable "image_tag" { type = string }
variable "sizes" { type = list(number) }
resource "terraform_data" "shop" { input = var.image_tag }
"""


def test_what_is_left_of_an_environment_without_a_record_is_destroyed_whatever_variables_it_needs(tmp_path):
    (tmp_path / "main.tf").write_text(MODULE)
    interrupts = Interrupts()
    runner = TerraformRunner(
        settings=Settings(),
        interrupts=interrupts,
        environ={name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"},
        state_directory=tmp_path / "state",
        say=lambda _line: None,
        clock=SystemClock(interrupts),
    )

    def workspace(variables):
        return runner.workspace(
            environment="pr-7",
            root=tmp_path,
            commit="a" * 40,
            backend={"key": str(tmp_path / "pr-7.tfstate")},
            variables=variables,
            tags={},
        )

    known = workspace({"image_tag": "1", "sizes": [1]})
    assert known.apply(known.plan(), lambda _progress: None).added == 1
    assert workspace({}).destroy(lambda _progress: None).destroyed == 1
