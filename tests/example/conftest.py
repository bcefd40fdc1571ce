import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def example() -> Path:
    """The example, as it lies in this repository."""
    return ROOT / "examples/preview"


@pytest.fixture(scope="session")
def changes() -> Path:
    """The changes that the demo's pull requests make to the example."""
    return ROOT / "demo/changes"


@pytest.fixture(params=["as it is", "121-typo", "122-migration", "123-payment"])
def repository(request, example: Path, changes: Path, tmp_path: Path) -> Path:
    """The example, and the example after each of the demo's pull requests."""
    copy = tmp_path / "preview"
    shutil.copytree(example, copy, ignore=shutil.ignore_patterns(".terraform*", "__pycache__"))
    if request.param != "as it is":
        for step in sorted((changes / request.param).iterdir()):
            shutil.copytree(step, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def load_module(monkeypatch):
    """Imports a file of the example, which is no package of this project."""

    def load(path: Path):
        name = f"example_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        assert spec.loader is not None
        spec.loader.exec_module(module)
        return module

    return load
