import sys
from pathlib import Path

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.moto.provider_mirror import (
    HOSTS,
    PROVIDER,
    cli_configuration,
    find_mirror,
    find_provider,
    for_both_engines,
)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def make(mirror: Path) -> Path:
    (mirror / PROVIDER / "5.100.0/linux_amd64").mkdir(parents=True)
    return mirror


def test_without_a_mirror_terraform_asks_the_registry(home, tmp_path):
    assert find_mirror({"XDG_DATA_DIRS": str(tmp_path)}, home, tmp_path / "opt") is None
    assert cli_configuration(None) is None


def test_terraforms_own_folders_come_first_and_then_those_below_opt(home, tmp_path):
    environ = {"XDG_DATA_DIRS": str(tmp_path / "share")}
    below_opt = make(tmp_path / "opt/plugins")
    (tmp_path / "opt/else").mkdir()
    assert find_mirror(environ, home, tmp_path / "opt") == below_opt
    shared = make(tmp_path / "share/terraform/plugins")
    assert find_mirror(environ, home, tmp_path / "opt") == shared
    own = make(home / ".terraform.d/plugins")
    assert find_mirror(environ, home, tmp_path / "opt") == own


def test_a_folder_for_the_provider_without_a_version_is_no_mirror(home, tmp_path):
    (tmp_path / "opt/empty" / PROVIDER).mkdir(parents=True)
    assert find_mirror({"XDG_DATA_DIRS": str(tmp_path)}, home, tmp_path / "opt") is None


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1))
def test_any_path_stays_one_text(name):
    text = cli_configuration(Path("/mirrors") / name)
    (line,) = [line for line in (text or "").splitlines() if line.lstrip().startswith("path")]
    quoted = line.split("=", 1)[1].strip()
    inside = quoted[1:-1].replace("\\\\", "").replace('\\"', "")
    assert quoted[0] == quoted[-1] == '"'
    assert '"' not in inside
    assert "\\" not in inside


def test_only_the_aws_provider_is_taken_from_the_mirror():
    (installation,) = hcl2.loads(cli_configuration(Path("/mirror")) or "")["provider_installation"]
    (mirror,) = installation["filesystem_mirror"]
    (direct,) = installation["direct"]
    assert mirror["include"] == direct["exclude"] == ['"registry.terraform.io/hashicorp/aws"']


def test_both_engines_find_the_provider_by_the_name_that_each_has_for_it(tmp_path):
    (tmp_path / "mirror" / PROVIDER / "5.100.0/linux_amd64").mkdir(parents=True)
    (tmp_path / "both").mkdir()
    both = for_both_engines(tmp_path / "mirror", tmp_path / "both")
    assert both is not None
    for host in HOSTS:
        assert (both / host / "hashicorp/aws/5.100.0/linux_amd64").is_dir()
        assert f'"{host}/hashicorp/aws"' in (cli_configuration(both) or "")
    assert for_both_engines(None, tmp_path) is None


def test_the_newest_provider_for_this_machine_can_be_run_where_it_lies(tmp_path):
    for name in (f"5.99.0/{sys.platform}_amd64", f"5.100.0/{sys.platform}_amd64", f"6.0.0/{sys.platform}_arm64"):
        (tmp_path / PROVIDER / name).mkdir(parents=True)
    folder = find_provider(tmp_path, "x86_64")
    assert folder == tmp_path / PROVIDER / f"5.100.0/{sys.platform}_amd64"
    assert find_provider(tmp_path, "riscv64") is None
    assert find_provider(None) is None
    text = cli_configuration(tmp_path, override=folder) or ""
    assert f'dev_overrides {{\n    "registry.terraform.io/hashicorp/aws" = "{folder}"\n  }}\n' in text
    assert "filesystem_mirror {" in text
