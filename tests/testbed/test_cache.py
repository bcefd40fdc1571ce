import sys

import pytest

from testbed import build, cache
from testbed.errors import TestbedError
from testbed.parts import OLDEST, PARTS, Part, part_of


@pytest.fixture(autouse=True)
def base(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.BASE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def built(part, go_version):
    folder = cache.folder(part, go_version)
    folder.mkdir(parents=True)
    return folder


def test_only_a_completed_build_counts():
    part = PARTS[0]
    folder = built(part, "go1.26.0")
    assert cache.installed(part) is None

    cache.mark_complete(folder)
    assert cache.installed(part) == folder
    assert cache.program("actionlint") == folder / "bin" / "actionlint"


def test_what_another_compiler_built_serves():
    part = PARTS[0]
    folder = built(part, "go1.25.9")
    cache.mark_complete(folder)

    assert cache.installed(part) == folder
    build.build([part], say=lambda _: None)


def test_other_sources_are_another_part():
    part = PARTS[0]
    other = Part(name=part.name, programs=part.programs, stamps={"main.version": "2"})
    cache.mark_complete(built(part, "go1.26.0"))

    assert cache.installed(other) is None


def test_the_users_cache_folder_is_the_default(tmp_path, monkeypatch):
    monkeypatch.delenv(cache.BASE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.base() == tmp_path / "eod-testbed"

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/someone")
    assert str(cache.base()) == "/home/someone/.cache/eod-testbed"


@pytest.mark.process
def test_without_go_the_alternatives_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(TestbedError, match="EOD_LIVE_KUBECONFIG") as said:
        build.build([PARTS[0]], say=lambda _: None)
    assert "kind" in str(said.value)


@pytest.mark.process
def test_a_failing_build_says_why_and_leaves_nothing(monkeypatch, tmp_path, base):
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "if 'GOVERSION' in sys.argv: print('go1.26.0'); sys.exit()\n"
        "sys.exit('x.go:1: the compiler does not like this')\n"
    )
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(go.parent))

    with pytest.raises(TestbedError, match="the compiler does not like this"):
        build.build([PARTS[0]], say=lambda _: None)
    assert [path.name for path in base.iterdir()] == [".actionlint.lock"]


@pytest.mark.process
def test_a_build_keeps_the_programs_their_aliases_and_the_files_wanted(monkeypatch, tmp_path):
    module = tmp_path / "module"
    module.mkdir()
    (module / "install.yaml").write_text("kind: List\n")
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "if 'GOVERSION' in sys.argv: print('go1.26.0')\n"
        f"if sys.argv[1] == 'list': print({str(module)!r})\n"
        "if sys.argv[1] == 'build': pathlib.Path(sys.argv[sys.argv.index('-o') + 1]).touch()\n"
    )
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(go.parent))
    part = Part(
        name="argocd",
        programs={"argocd": "example.test/argocd/cmd"},
        aliases={"argocd-server": "argocd"},
        keep=("install.yaml",),
        keep_from="example.test/argocd",
    )
    abandoned = cache.base() / ".argocd-killed"
    abandoned.mkdir(parents=True)

    build.build([part], say=lambda _: None)

    folder = cache.installed(part)
    assert folder
    assert sorted(path.name for path in (folder / "bin").iterdir()) == ["argocd", "argocd-server"]
    assert (folder / "bin" / "argocd-server").resolve() == folder / "bin" / "argocd"
    assert (folder / "install.yaml").read_text() == "kind: List\n"
    assert not abandoned.exists()


def test_an_unknown_program_is_refused_with_the_known_ones():
    with pytest.raises(TestbedError, match="kube-apiserver"):
        part_of("kubelet")


@pytest.mark.parametrize("part", [*PARTS, *OLDEST], ids=lambda part: part.name)
def test_every_part_is_pinned(part):
    tools = (part.module / "tools.go").read_text()

    assert all(f'_ "{package}"' in tools for package in part.programs.values())
    assert (part.module / "go.sum").stat().st_size
