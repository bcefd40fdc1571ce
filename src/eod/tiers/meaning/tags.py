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
    out: list[str] = []
    comments: list[str] = []
    at = 0
    while at < len(lexemes):
        lexeme = lexemes[at]
        if not lexeme.startswith(HELD):
            _put(out, lexeme)
        elif _container(lexemes, at):
            comments.append(lexeme[1:])
            _drop_brace(out)
            at = _next(lexemes, at)
        elif _is_comment(lexemes, at):
            comments.append(lexeme[1:])
        else:
            out.append(acting + lexeme[1:])
        at += 1
    return out, comments


def _put(out: list[str], lexeme: str) -> None:
    """Append, but never two spaces in a row; of two the line break stays."""
    if lexeme in _SPACES and out and out[-1] in _SPACES:
        out[-1] = min(out[-1], lexeme)
    else:
        out.append(lexeme)


def _container(lexemes: list[str], at: int) -> bool:
    """Whether it is `{/* … */}` between tags, which stands for nothing."""
    opening, closing = _before(lexemes, at), _next(lexemes, at)
    if _text(lexemes, opening) != "{" or _text(lexemes, closing) != "}":
        return False
    outer = _before(lexemes, opening)
    left, right = _text(lexemes, outer), _text(lexemes, _next(lexemes, closing))
    arrow = left == ">" and _text(lexemes, outer - 1) == "="
    return left in {">", "}"} and right in {"<", "{"} and not arrow


def _is_comment(lexemes: list[str], at: int) -> bool:
    left, following = _text(lexemes, _before(lexemes, at)), _next(lexemes, at)
    if _text(lexemes, following) == "<" and _text(lexemes, following + 1) == "/":
        return False
    alone = at == 0 or lexemes[at - 1] == "\n"
    return not left or left in _BEFORE_COMMENT or (alone and left in _BEFORE_COMMENT_LINE)


def _before(lexemes: list[str], at: int) -> int:
    at -= 1
    while at >= 0 and (lexemes[at] in _SPACES or lexemes[at].startswith(HELD)):
        at -= 1
    return at


def _next(lexemes: list[str], at: int) -> int:
    at += 1
    while at < len(lexemes) and (lexemes[at] in _SPACES or lexemes[at].startswith(HELD)):
        at += 1
    return at


def _text(lexemes: list[str], at: int) -> str:
    return lexemes[at] if 0 <= at < len(lexemes) else ""


def _drop_brace(out: list[str]) -> None:
    while out and out.pop() != "{":
        pass
