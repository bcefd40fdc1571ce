"""Comments among tags (JSX): what looks like a comment may be text that a reader of the page sees."""

from typing import Final

HELD: Final = "\2"
"""Stands before a comment of which the neighbours will tell whether it is one."""
_SPACES: Final = ("\n", " ")
_BEFORE_COMMENT: Final = frozenset(";{,([=:?&|")
_BEFORE_COMMENT_LINE: Final = frozenset("})]")


def settle(lexemes: list[str], acting: str) -> tuple[list[str], list[str]]:
    """The lexemes without those held comments that are comments, which are returned as well.

    Args:
        lexemes: With held comments among them.
        acting: Stands before comments that stay.
    """
    neighbours = _Neighbours(lexemes)
    out: list[str] = []
    comments: list[str] = []
    at = 0
    while at < len(lexemes):
        lexeme = lexemes[at]
        if not lexeme.startswith(HELD):
            _put(out, lexeme)
        elif neighbours.contain(at):
            comments.append(lexeme[1:])
            while out.pop() != "{":
                pass
            at = neighbours.after[at]
        elif neighbours.leave_comment(at):
            comments.append(lexeme[1:])
        else:
            out.append(acting + lexeme[1:])
        at += 1
    return out, comments


class _Neighbours:
    """Where the code before and after each lexeme is; beyond the ends there is none."""

    def __init__(self, lexemes: list[str]) -> None:
        self._lexemes = lexemes
        self._before = _last_code(lexemes)
        self.after = [len(lexemes) - 1 - at for at in reversed(_last_code(lexemes[::-1]))]

    def contain(self, at: int) -> bool:
        """Whether the comment stands in `{/* … */}` between tags, which stands for nothing."""
        opening, closing = self._before[at], self.after[at]
        if self._text(opening) != "{" or self._text(closing) != "}":
            return False
        outer = self._before[opening]
        left, right = self._text(outer), self._text(self.after[closing])
        arrow = left == ">" and self._text(outer - 1) == "="
        # On a line of its own the text after it is trimmed whatever it is, as the text before it would be.
        own_line = self._text(opening - 1) == self._text(closing + 1) == "\n"
        return left in {">", "}"} and (right in {"<", "{"} or own_line) and not arrow

    def leave_comment(self, at: int) -> bool:
        """Whether nothing around it says that it may be text."""
        left, following = self._text(self._before[at]), self.after[at]
        if self._text(following) == "<" and self._text(following + 1) == "/":
            return False
        alone = at == 0 or self._lexemes[at - 1] == "\n"
        return not left or left in _BEFORE_COMMENT or (alone and left in _BEFORE_COMMENT_LINE)

    def _text(self, at: int) -> str:
        return self._lexemes[at] if 0 <= at < len(self._lexemes) else ""


def _last_code(lexemes: list[str]) -> list[int]:
    """For each lexeme, where the last one before it is that is neither space nor a held comment; -1 if none is."""
    found, last = [], -1
    for at, lexeme in enumerate(lexemes):
        found.append(last)
        if lexeme not in _SPACES and not lexeme.startswith(HELD):
            last = at
    return found


def _put(out: list[str], lexeme: str) -> None:
    """Append, but never two spaces in a row; of two the line break stays."""
    if lexeme in _SPACES and out and out[-1] in _SPACES:
        out[-1] = min(out[-1], lexeme)
    else:
        out.append(lexeme)
