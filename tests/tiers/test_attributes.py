import pytest

from eod.tiers.attributes import Attributes
from tests.tiers.builders import MemorySnapshot

ROOT = """
# generated code
*.pb.go linguist-generated=true
/dist/** -diff linguist-generated
vendor/** linguist-vendored
/dist/keep.js -linguist-generated
"with space/*.js" linguist-generated
[attr]macro text
"""


def has(path, name="linguist-generated", files=None):
    return Attributes(MemorySnapshot(files or {".gitattributes": ROOT})).has(path, name)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("api/a.pb.go", True),
        ("dist/app.js", True),
        ("dist/keep.js", False),
        ("src/dist/app.js", False),
        ("with space/a.js", True),
        ("src/app.js", False),
        ("vendor/x.go", False),
    ],
)
def test_what_the_file_says_of_paths(path, expected):
    assert has(path) is expected


def test_other_attributes_are_told_apart():
    assert has("vendor/x.go", "linguist-vendored")


def test_a_deeper_file_overrules_those_above():
    files = {".gitattributes": "*.js linguist-generated", "src/.gitattributes": "*.js linguist-generated=false"}
    assert has("lib/a.js", files=files)
    assert not has("src/a.js", files=files)
    assert not has("src/deep/a.js", files=files)


@pytest.mark.parametrize(
    "text", ["", "!a linguist-generated", "***", b"\xff\xfe", "a", '"open linguist-generated']
)
def test_odd_files_say_nothing(text):
    assert not has("a", files={".gitattributes": text})


def test_without_content_nothing_is_known():
    assert not Attributes(None).has("a.pb.go", "linguist-generated")
