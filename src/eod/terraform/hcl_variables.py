"""Reads a root module's variables and backend. Run as a script, in a process of its own.

python-hcl2 has hung on odd input before, and what it reads was written by the author of a pull request: the caller
gives this process a few seconds. It imports nothing of ours and is started by its path, so that no module in the
directory that it reads can take a library's place. Prints one JSON object:
`{"variables": [...], "required": [...], "backend": "s3" | null, "notes": [...]}`.
"""

import json
import re
import sys
from pathlib import Path
from typing import Final, TypedDict

FILE_LIMIT: Final = 4 << 20
"""Bytes; no hand-written file is larger, and a larger one is not parsed."""

_VARIABLE: Final = re.compile(r'^\s*variable\s+"?([A-Za-z_][\w-]*)"?\s*\{', re.MULTILINE)
_BACKEND: Final = re.compile(r'^\s*(?:terraform\s*\{\s*)?(?:backend\s+"?([\w-]+)"?|(cloud))\s*\{', re.MULTILINE)


class Found(TypedDict):
    """What a root module declares."""

    variables: list[str]
    required: list[str]
    backend: str | None
    notes: list[str]


def read_module(root: Path, *, parse: bool = True, tofu: bool = True) -> Found:
    """What all files of the module in `root` declare together; without `parse` by regular expressions only."""
    found: Found = {"variables": [], "required": [], "backend": None, "notes": []}
    for path in module_files(root, tofu=tofu):
        text = path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size <= FILE_LIMIT else ""
        try:
            if parse:
                _take(found, _parse(path, text))
            else:
                _scan(found, text)
        except Exception as error:  # noqa: BLE001 - the parser raises whatever its grammar meets
            found["notes"].append(
                f"{path.name}: read by pattern, because it did not parse: {type(error).__name__}"
            )
            _scan(found, text)
    return found


def module_files(root: Path, *, tofu: bool = True) -> list[Path]:
    """The configuration files of one directory in Terraform's order: overrides last.

    For OpenTofu a `.tofu` file hides the `.tf` file of its name; Terraform knows no such files.
    """
    files = [p for p in sorted(root.iterdir()) if p.is_file() and p.name.endswith((".tf", ".tf.json"))]
    if tofu:
        own = [p for p in sorted(root.iterdir()) if p.is_file() and p.name.endswith((".tofu", ".tofu.json"))]
        hidden = {p.name.replace(".tofu", ".tf") for p in own}
        files = [p for p in files if p.name not in hidden] + own
    return sorted(files, key=lambda p: (_is_override(p), p.name))


def _is_override(path: Path) -> bool:
    stem = path.name.split(".", 1)[0]
    return stem == "override" or stem.endswith("_override")


def _parse(path: Path, text: str) -> dict[str, object]:
    if path.name.endswith(".json"):
        document = json.loads(text or "{}")
    else:
        import hcl2

        document = hcl2.loads(text + "\n")
    if not isinstance(document, dict):
        raise TypeError(path.name)
    return document


def _take(found: Found, document: dict[str, object]) -> None:
    for name, body in _blocks(document.get("variable")):
        _declare(found, name, required=not (isinstance(body, dict) and "default" in body))
    for terraform in _listed(document.get("terraform")):
        if not isinstance(terraform, dict):
            continue
        for name, _ in _blocks(terraform.get("backend")):
            found["backend"] = name
        if "cloud" in terraform:
            found["backend"] = "cloud"


def _scan(found: Found, text: str) -> None:
    for match in _VARIABLE.finditer(text):
        _declare(found, match[1], required=False)
    for match in _BACKEND.finditer(text):
        found["backend"] = match[1] or match[2]


def _declare(found: Found, name: str, *, required: bool) -> None:
    if name not in found["variables"]:
        found["variables"].append(name)
        if required:
            found["required"].append(name)
    elif not required and name in found["required"]:
        found["required"].remove(name)


def _blocks(value: object) -> list[tuple[str, object]]:
    """Labelled blocks: `{label: body}`, or a list of such. hcl2 keeps the quotes round labels."""
    return [
        (label.strip('"'), body)
        for block in _listed(value)
        if isinstance(block, dict)
        for label, body in block.items()
        if label != "__is_block__"
    ]


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    sys.setrecursionlimit(5_000)
    json.dump(read_module(Path(sys.argv[1]), tofu="--tofu" in sys.argv[2:]), sys.stdout)
