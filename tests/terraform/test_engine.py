from pathlib import Path

import pytest

from eod.errors import ExitCode, TerraformError
from eod.terraform.engine import find_engine, read_version, with_early_variables

PATH = Path("/usr/bin/terraform")


@pytest.mark.parametrize(
    ("printed", "product", "version"),
    [
        ("Terraform v1.9.0\non linux_amd64\n", "Terraform", "1.9.0"),
        (
            "There are some problems with the CLI configuration:\n\nTerraform v1.15.0-beta1\n",
            "Terraform",
            "1.15.0-beta1",
        ),
        ("OpenTofu v1.10.6-dev\non linux_amd64\n", "OpenTofu", "1.10.6-dev"),
        ("Terraform v2.0.0\n", "Terraform", "2.0.0"),
    ],
)
def test_versions(printed, product, version):
    engine = read_version(PATH, printed)
    assert (engine.product, engine.version, engine.is_tofu) == (product, version, product == "OpenTofu")


@pytest.mark.parametrize("printed", ["Terraform v1.8.5\n", "OpenTofu v1.9.3\n", "Terraform v0.15.0\n"])
def test_an_old_one_is_refused(printed):
    with pytest.raises(TerraformError, match="too old") as refused:
        read_version(PATH, printed)
    assert refused.value.exit_code is ExitCode.USAGE
    assert refused.value.why in {
        "Terraform 1.9 is the oldest that is supported.",
        "OpenTofu 1.10 is the oldest that is supported.",
    }


def test_another_program_is_refused():
    with pytest.raises(TerraformError, match="neither"):
        read_version(PATH, "GNU bash, version 5.2")


def test_a_missing_one_is_refused(tmp_path):
    with pytest.raises(TerraformError, match="not installed") as missing:
        find_engine("terraform", {"PATH": str(tmp_path)})
    assert "setup-terraform" in missing.value.fix


def _program(path, text, body="echo"):
    path.write_text(f"#!/bin/sh\n{body} '{text}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.process
def test_the_one_on_the_path_is_taken(tmp_path):
    program = _program(tmp_path / "tofu", "OpenTofu v1.11.0")
    assert find_engine("tofu", {"PATH": str(tmp_path)}).path == program
    assert find_engine(str(program), {}).version == "1.11.0"


@pytest.mark.process
def test_the_wrapper_of_the_setup_action_is_passed_by(tmp_path):
    # The wrapper does not forward signals: a cancel would leave the state locked.
    _program(tmp_path / "terraform", "the wrapper")
    real = _program(tmp_path / "terraform-bin", "Terraform v1.11.4")
    assert find_engine("terraform", {"PATH": str(tmp_path)}).path == real


@pytest.mark.process
def test_one_that_cannot_run_is_refused(tmp_path):
    broken = tmp_path / "terraform"
    broken.write_bytes(b"\x7fELF no")
    broken.chmod(0o755)
    with pytest.raises(TerraformError, match="does not tell its version"):
        find_engine("terraform", {"PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["init", "-json"], ["init", "-var-file=V", "-json"]),
        (["state", "push", "-lock-timeout=1s", "x"], ["state", "push", "-var-file=V", "-lock-timeout=1s", "x"]),
        (["force-unlock", "-force", "1"], ["force-unlock", "-var-file=V", "-force", "1"]),
        (["apply", "-json", "plan"], ["apply", "-json", "plan"]),
        (["show", "-json", "plan"], ["show", "-json", "plan"]),
    ],
)
def test_opentofu_gets_variables_wherever_it_reads_the_backend(tmp_path, arguments, expected):
    file = tmp_path / "variables.json"
    assert with_early_variables(arguments, file, tofu=True) == arguments
    file.write_text("{}")
    assert with_early_variables(arguments, file, tofu=True) == [
        word.replace("=V", f"={file}") for word in expected
    ]
    assert with_early_variables(arguments, file, tofu=False) == arguments
