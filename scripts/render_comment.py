"""Show Markdown as GitHub would: `python scripts/render_comment.py comment.md… > page.html`."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo.page import render_page


def main() -> None:
    """Read Markdown files, write one page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="Markdown files")
    arguments = parser.parse_args()
    documents = [(path.stem, path.read_text(encoding="utf-8")) for path in arguments.files]
    sys.stdout.write(render_page(documents))


if __name__ == "__main__":
    main()
