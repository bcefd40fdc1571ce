"""The action as a runner would download it: what is in the repository, and nothing that only lies beside it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[1]
ACTION = "neo01/eod-action"
_WANTED = ("action.yml", "requirements.txt", "scripts", "src", ".github/workflows")
_USES = re.compile(r"uses:\s*([\w.-]+/[\w./-]+)@([\w.-]+)")
# act runs one workflow at a time and does not know this key; the demo queues by itself.
_QUEUE = re.compile(r"^ +queue: max.*\n", re.MULTILINE)
_STAND_INS = ROOT / "demo/actions"


class Actions(Struct, frozen=True, kw_only=True):
    """Folders that act takes for repositories: `owner/name@ref` and where it lies."""

    folders: dict[str, Path]

    def arguments(self) -> Iterator[str]:
        """For act's command line."""
        for name, folder in self.folders.items():
            yield f"--local-repository={name}={folder}"


def export(into: Path) -> Actions:
    """Lay out this checkout's action, and a stand-in for every other action that its workflows name."""
    own = into / "eod-action"
    for name in _tracked():
        target = own / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    folders = {f"{ACTION}@v1": own}
    for workflow in (own / ".github/workflows").glob("*.yml"):
        text = workflow.read_text("utf-8")
        workflow.write_text(_QUEUE.sub("", text), "utf-8")
        for name, ref in _USES.findall(text):
            if not name.startswith(ACTION):
                folders[f"{name}@{ref}"] = _STAND_INS / ("checkout" if name == "actions/checkout" else "unneeded")
    return Actions(folders=folders)


def _tracked() -> list[str]:
    """The files of the action, as they are now: committed, changed or new, but nothing that is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_WANTED],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
