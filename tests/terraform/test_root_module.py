import json

import pytest

from eod.errors import UsageError
from eod.terraform.hcl_variables import FILE_LIMIT, module_files, read_module
from eod.terraform.root_module import read_root_module

MAIN = """
terraform {
  required_version = ">= 1.9"
  backend "s3" {
    encrypt = true
  }
}
variable "needed" {
  type = object({ a = optional(string) })
}
variable "given" {
  default = null
  validation {
    condition     = var.given == null || can(regex("^x", var.given))
    error_message = "variable \\"fake\\" {"
  }
}
variable unquoted {}
# variable "commented" {}
locals {
  text = <<-EOT
    not a variable
  EOT
}
"""


def write(directory, **files):
    for name, text in files.items():
        (directory / name.replace("__", ".")).write_text(text)
    return directory


def test_variables_and_backend_are_read(tmp_path):
    found = read_module(write(tmp_path, main__tf=MAIN))
    assert found["variables"] == ["needed", "given", "unquoted"]
    assert found["required"] == ["needed", "unquoted"]
    assert found["backend"] == "s3"
    assert found["notes"] == []


def test_the_json_syntax_is_read(tmp_path):
    document = {
        "variable": {"a": {"default": 1}, "b": {}},
        "terraform": {"backend": {"gcs": {"bucket": "x"}}},
    }
    listed: dict[str, object] = {"variable": [{"c": {}}], "terraform": [{"cloud": {}}]}
    found = read_module(write(tmp_path, a__tf__json=json.dumps(document)))
    assert (found["variables"], found["required"], found["backend"]) == (["a", "b"], ["b"], "gcs")
    found = read_module(write(tmp_path, b__tf__json=json.dumps(listed)))
    assert (found["variables"], found["backend"]) == (["a", "b", "c"], "cloud")


def test_overrides_come_last(tmp_path):
    write(
        tmp_path,
        zz__tf='terraform {\n  backend "s3" {}\n}\nvariable "x" {}\n',
        a_override__tf='terraform {\n  backend "gcs" {}\n}\nvariable "x" {\n  default = 1\n}\n',
    )
    found = read_module(tmp_path)
    assert found["backend"] == "gcs"
    assert found["required"] == []


def test_a_tofu_file_hides_its_namesake(tmp_path):
    write(tmp_path, a__tf='variable "a" {}', a__tofu='variable "b" {}', c__tf="", d__txt="")
    assert [path.name for path in module_files(tmp_path)] == ["a.tofu", "c.tf"]
    assert read_module(tmp_path)["variables"] == ["b"]


@pytest.mark.process
def test_terraform_knows_no_tofu_files(tmp_path):
    write(tmp_path, a__tf='variable "a" {}', a__tofu='variable "b" {}', d__tofu='variable "d" {}')
    assert read_root_module(tmp_path, tofu=False).variables == {"a"}
    assert read_root_module(tmp_path, tofu=True).variables == {"b", "d"}


def test_a_file_that_does_not_parse_is_read_by_pattern(tmp_path):
    broken = 'terraform { backend "s3" {\n}\n}\nvariable "a" {\n}\n\nvariable b {\n}\n%%% not HCL\n'
    found = read_module(write(tmp_path, main__tf=broken, ok__tf='variable "c" {}\n'))
    assert found["variables"] == ["a", "b", "c"]
    assert found["backend"] == "s3"
    assert found["notes"][0].startswith("main.tf: read by pattern")


def test_odd_files_break_nothing(tmp_path):
    write(tmp_path, list__tf__json="[1]", empty__tf="", half__tf__json="{", odd__tf__json='{"variable": 3}')
    (tmp_path / "binary.tf").write_bytes(b"\xff\x00\xfe")
    (tmp_path / "large.tf").write_bytes(b"#" * (FILE_LIMIT + 1))
    (tmp_path / "folder.tf").mkdir()
    assert read_module(tmp_path)["variables"] == []


def test_without_parsing_a_pattern_has_to_do(tmp_path):
    found = read_module(write(tmp_path, main__tf=MAIN), parse=False)
    assert found["variables"] == ["needed", "given", "unquoted"]
    assert found["required"] == []
    assert found["backend"] == "s3"


@pytest.mark.process
def test_the_module_is_read_in_a_process_of_its_own(tmp_path):
    module = read_root_module(write(tmp_path, main__tf=MAIN), tofu=True)
    assert module.variables == {"needed", "given", "unquoted"}
    assert module.backend == "s3"
    assert module.notes == ()


@pytest.mark.process
def test_no_file_beside_the_module_takes_a_librarys_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        main__tf='variable "a" {}',
        hcl2__py="raise SystemExit('mine')",
        json__py="raise SystemExit('mine')",
    )
    assert read_root_module(tmp_path, tofu=True).notes == ()


@pytest.mark.process
def test_a_parser_that_hangs_is_given_up(tmp_path):
    module = read_root_module(write(tmp_path, main__tf=MAIN), tofu=True, seconds=0)
    assert module.variables == {"needed", "given", "unquoted"}
    assert module.backend == "s3"
    assert "too long" in module.notes[0]


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_directory_without_configuration_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "README.md").write_text("x")
    with pytest.raises(UsageError, match="no Terraform configuration") as refused:
        read_root_module(tmp_path / name, tofu=True)
    assert refused.value.where == str(tmp_path / name)
