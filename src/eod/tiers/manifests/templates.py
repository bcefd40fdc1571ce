"""Template actions (`{{ … }}` of Go and Jinja, `{% … %}`) taken out of a text, so that the rest is YAML.

A line of nothing but actions is taken out and kept beside the text. Any other action becomes a word that YAML
takes wherever a word may stand, and is put back into what was parsed. The syntax is that of
https://pkg.go.dev/text/template and https://jinja.palletsprojects.com/en/stable/templates/.
"""

import re
from typing import Final

from msgspec import Struct

_MARKS: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENING: Final = re.compile(r"\{\{|\{%|\{#")
_WORD: Final = re.compile(r"tmpl([0-9]+)lpmt")
_COMMENT: Final = re.compile(r"\{\{-?\s*/\*")
_LIMIT: Final = 50_000
"""Actions in one text. A text with more is no template."""


class Action(Struct, frozen=True):
    """An action that stands alone on its line, and the line of YAML before it."""

    text: str
    after: str


class Template(Struct, frozen=True):
    """A text without its actions.

    Args:
        text: What is left, line by line as before.
        actions: What words stand for.
        lines: The actions that stood alone on their lines: conditions, loops, whole fragments.
    """

    text: str
    actions: tuple[str, ...] = ()
    lines: tuple[Action, ...] = ()

    def restore(self, text: str) -> str:
        """`text` with its actions put back."""
        return _WORD.sub(self._action, text) if self.actions else text

    def _action(self, found: re.Match[str]) -> str:
        number = int(found[1][:9])
        return self.actions[number] if number < len(self.actions) else found[0]


def is_template(text: str) -> bool:
    """Whether there are actions in `text`."""
    return "{{" in text or "{%" in text


def without_actions(text: str) -> Template:
    """`text` as YAML that may parse."""
    actions: list[str] = []
    parts: list[str] = []
    at = 0
    while (opening := _OPENING.search(text, at)) and len(actions) < _LIMIT:
        end = text.find(_MARKS[opening[0]], opening.end())
        if end < 0:
            break
        parts.extend((text[at : opening.start()], f"tmpl{len(actions)}lpmt"))
        actions.append(" ".join(text[opening.start() : end + 2].split()))
        at = end + 2
    parts.append(text[at:])
    return _lines_apart(Template("".join(parts), tuple(actions)))


def _lines_apart(template: Template) -> Template:
    kept: list[str] = []
    alone: list[Action] = []
    after = ""
    for line in template.text.split("\n"):
        bare = line.strip()
        if bare and not _WORD.sub("", bare).strip():
            texts = (template.restore(found[0]) for found in _WORD.finditer(bare))
            alone.extend(Action(text, template.restore(after)) for text in texts if not _COMMENT.match(text))
            kept.append("")
        else:
            after = after if not bare or bare.startswith("#") else bare
            kept.append(line)
    return Template("\n".join(kept), template.actions, tuple(alone))
