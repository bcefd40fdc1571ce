"""Show Markdown as GitHub would.

    python scripts/render_comment.py comment.md > page.html
    python scripts/render_comment.py comment.md --picture docs/images/pull-request-comment.png --height 640

A picture needs Chromium.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo.page import render_page

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> None:
    """Read Markdown files; write one page, or a picture of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="Markdown files")
    parser.add_argument("--title", help="shown above the document instead of its file's name")
    parser.add_argument("--picture", type=Path, help="write a PNG instead of HTML")
    parser.add_argument("--height", type=int, default=900, help="of the picture, in CSS pixels")
    given = parser.parse_args()
    documents = [(given.title or path.stem, path.read_text(encoding="utf-8")) for path in given.files]
    page = render_page(documents)
    if given.picture is None:
        sys.stdout.write(page)
    else:
        _photograph(page, given.picture, given.height)


def _photograph(page: str, picture: Path, height: int) -> None:
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        sys.exit(f"A picture needs one of {', '.join(_BROWSERS)} on the PATH.")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "page.html"
        path.write_text(page, encoding="utf-8")
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=2",
        ]
        target = [f"--user-data-dir={scratch}", f"--screenshot={picture.resolve()}", f"--window-size=900,{height}"]
        subprocess.run([browser, *options, *target, path.as_uri()], check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main()
