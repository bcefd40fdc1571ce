"""Parts of files that are otherwise written by hand, between `generated: NAME` and `/generated`."""

import re
from collections.abc import Sequence

import click

_MARKS = {
    ".md": (r"<!-- generated: {name} -->\n", r"<!-- /generated -->"),
    ".yml": (r"[ ]*# generated: {name}\n", r"[ ]*# /generated"),
}


def fill_block(text: str, name: str, content: str, suffix: str) -> str:
    """`text` with `content` in every block called `name`; in YAML it is indented as the mark is.

    Raises:
        click.ClickException: There is no such block.
    """
    begin, end = _MARKS[suffix]
    pattern = re.compile(rf"^({begin.format(name=name)})(.*?)^({end})", re.MULTILINE | re.DOTALL)
    if not pattern.search(text):
        raise click.ClickException(f"There is no block `generated: {name}`.")
    return pattern.sub(lambda match: match[1] + _indented(content, match[1]) + match[3], text)


def _indented(content: str, mark: str) -> str:
    margin = mark[: len(mark) - len(mark.lstrip(" "))]
    return "".join(f"{margin}{line}\n" if line else "\n" for line in content.splitlines())


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
