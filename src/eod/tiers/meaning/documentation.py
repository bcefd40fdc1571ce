"""Texts that document the code and stand in it as strings: they are taken for comments."""

from typing import Final

from eod.tiers.meaning.reading import LETTER

_SPACES: Final = ("\n", " ")
_VALUES: Final = frozenset(":=[,(")
_ELIXIR: Final = frozenset({"doc", "moduledoc", "typedoc", "shortdoc"})


def without_documentation(lexemes: list[str], comments: list[str], kind: str) -> list[str]:
    """`lexemes` without documentation, which goes to `comments`. `kind` names the language's way, or is empty."""
    if kind == "graphql":
        return _without_descriptions(lexemes, comments)
    if kind == "elixir":
        return _without_attributes(lexemes, comments)
    return lexemes


def _without_descriptions(lexemes: list[str], comments: list[str]) -> list[str]:
    """Strings before a definition (https://spec.graphql.org/October2021/#sec-Descriptions)."""
    out: list[str] = []
    for at, lexeme in enumerate(lexemes):
        before = next((each for each in reversed(out) if each not in _SPACES), "")
        after = next((each for each in lexemes[at + 1 : at + 3] if each not in _SPACES), "")
        argument = before == "(" and after[:1].isalpha()
        value = (before in _VALUES and not argument) or before.startswith(LETTER) or not after[:1].isalpha()
        if lexeme.startswith(LETTER) and not value:
            comments.append(lexeme[1:])
        elif not (lexeme in _SPACES and out and out[-1] in _SPACES):
            out.append(lexeme)
    return out


def _without_attributes(lexemes: list[str], comments: list[str]) -> list[str]:
    """`@doc "…"` and its like (https://hexdocs.pm/elixir/writing-documentation.html)."""
    out: list[str] = []
    at = 0
    while at < len(lexemes):
        end = at + 3
        text = lexemes[at + 3 : at + 4]
        if (
            lexemes[at] == "@"
            and "".join(lexemes[at + 1 : at + 2]) in _ELIXIR
            and lexemes[at + 2 : end] == [" "]
            and text
            and text[0].startswith(LETTER)
            and "".join(lexemes[end + 1 : end + 2]) in {"", "\n"}
        ):
            comments.append(text[0][1:])
            at = end + 2
        else:
            out.append(lexemes[at])
            at += 1
    return out
