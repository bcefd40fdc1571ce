"""Source in languages with brackets: its comments taken out, and where a bracket ends."""

import re
from typing import Final

_COMMENT: Final = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|//[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)
_HASH: Final = re.compile(r"""("(?:[^"\\\n]|\\.)*")|(?<![\w&])\#(?![\[{])[^\n]*""")
_BRACKET: Final = re.compile(r"""[()\[\]{}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`""")
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}


def without_comments(text: str, extension: str) -> str:
    """`text` with its comments gone; strings stay."""
    pattern = _HASH if extension in {"ex", "exs"} else _COMMENT
    return pattern.sub(lambda hit: hit[1] or " ", text)


def closing(text: str, start: int, longest: int) -> int:
    """Where the bracket ends that stands at `start`: the position after it, or `longest` characters on."""
    depth, end = 0, min(len(text), start + longest)
    for hit in _BRACKET.finditer(text, start, end):
        piece = hit[0]
        if piece in _PAIRS:
            depth += 1
        elif piece in {")", "]", "}"}:
            depth -= 1
            if depth <= 0:
                return hit.end()
    return end
