"""Enough of languages' lexical grammar to tell code from comments and quoted text: facts of the languages."""

import re
from functools import cache
from typing import Final

from msgspec import Struct

_DOUBLE: Final = r'"(?:\\.|[^"\\\n])*"?'
_SINGLE: Final = r"'(?:\\.|[^'\\\n])*'?"
_CHARACTER: Final = r"'(?:\\.[^'\n]{0,8}|[^'\\\n])'"
_BACK: Final = r"`(?:\\.|[^`\\])*`?"
_SLASHES: Final = r"//[^\n]*"
_BLOCK: Final = r"/\*(?:[^*]|\*(?!/))*(?:\*/)?"
_HASH: Final = r"\#(?<!\S\#)[^\n]*"
_TRIPLE: Final = r'"""(?:[^"]|"(?!""))*(?:""")?' + r"|'''(?:[^']|'(?!''))*(?:''')?"
_DASHES: Final = r"--[^\n]*"
_TAGS: Final = (
    r"<!--(?:[^-]|-(?!->))*(?:-->)?|<%\#(?:[^%]|%(?!>))*(?:%>)?|\{\#(?:[^#]|\#(?!\}))*(?:\#\})?"
    r"|\{\{--(?:[^-]|-(?!-\}\}))*(?:--\}\})?|\{\{!(?:[^}]|\}(?!\}))*(?:\}\})?"
)

_C: Final = "c h cc cpp hpp cs java kt kts scala swift dart groovy gradle m mm proto v zig thrift sol jsonc json5"
_SCRIPT: Final = "js mjs cjs ts mts cts jsx tsx"
_MARKUP: Final = (
    "vue svelte html htm xhtml xml erb ejs hbs handlebars njk liquid cshtml razor jsp twig latte heex leex eex "
    "astro mustache phtml j2 tpl tmpl config csproj"
)
_SETTINGS: Final = "yml yaml toml ini cfg conf properties env sh bash zsh fish pl r jl nix tf hcl dockerfile mk"

IMPORTS: Final = {
    "npm": re.compile(
        r"""^\s*(?:import|export)\b[^'"]*['"]([^'"]+)['"]|\brequire\(\s*['"]([^'"]+)['"]\s*\)|^\s*\}?\s*from\s+['"]([^'"]+)['"]"""
    ),
    "python": re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))"),
    "ruby": re.compile(r"""^\s*require\s*\(?\s*['"]([^'"]+)['"]"""),
    "php": re.compile(r"^\s*use\s+(?:function\s+)?\\?([\w\\]+)"),
    "go": re.compile(r"""^\s*(?:import\s+)?(?:[\w.]+\s+)?"([\w.-]+(?:/[\w.-]+)+)"\s*$"""),
    "java": re.compile(r"^\s*import\s+(?:static\s+)?([\w.]+)"),
    "dotnet": re.compile(r"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;"),
    "rust": re.compile(r"^\s*(?:pub\s+)?(?:use|extern\s+crate)\s+(?:::)?([\w:]+)"),
    "elixir": re.compile(r"^\s*(?:alias|import|use|require)\s+([A-Z][\w.]*)"),
    "dart": re.compile(r"""^\s*import\s+['"]package:([\w/.]+)"""),
    "swift": re.compile(r"^\s*import\s+(?:\w+\s+)?(\w+)"),
}


class Language(Struct, frozen=True):
    """How a file is read: `spans` finds comments and quoted text, `ecosystem` has its packages."""

    spans: re.Pattern[str]
    ecosystem: str = ""

    @property
    def imports(self) -> re.Pattern[str] | None:
        """What an import looks like; the module stands in the one group that matched."""
        return IMPORTS.get(self.ecosystem)


def language_of(name: str) -> Language:
    """How the file `name` is read. Unknown ones have no comments, and text in quotes."""
    stem, dot, extension = name.lower().rpartition(".")
    if name.lower().startswith(".env") or stem.startswith(".env"):
        extension = "env"
    return _languages().get(extension if dot or extension == "env" else "", _plain())


@cache
def _languages() -> dict[str, Language]:
    slashes, quotes = (_SLASHES, _BLOCK), (_DOUBLE, _SINGLE)
    script = _language(slashes, (*quotes, _BACK), "npm")
    table = dict.fromkeys(_SCRIPT.split(), script)
    table |= dict.fromkeys(_C.split(), _language(slashes, (_DOUBLE, _CHARACTER)))
    table |= dict.fromkeys(
        ("java", "kt", "kts", "groovy", "scala"), _language(slashes, (_TRIPLE, _DOUBLE, _CHARACTER), "java")
    )
    table |= dict.fromkeys(("cs", "vb", "fs"), _language(slashes, (_TRIPLE, _DOUBLE, _CHARACTER), "dotnet"))
    table |= dict.fromkeys(_SETTINGS.split(), _language((_HASH,), quotes))
    table |= dict.fromkeys(_MARKUP.split(), _language((_TAGS, r"//(?<![:\w]//)[^\n]*", _BLOCK), quotes, "npm"))
    table |= {
        "go": _language(slashes, (_DOUBLE, _CHARACTER, _BACK), "go"),
        "rs": _language(slashes, (_DOUBLE, _CHARACTER), "rust"),
        "dart": _language(slashes, (_TRIPLE, *quotes), "dart"),
        "swift": _language(slashes, (_TRIPLE, _DOUBLE), "swift"),
        "py": _language((_HASH,), (_TRIPLE, *quotes), "python"),
        "pyi": _language((_HASH,), (_TRIPLE, *quotes), "python"),
        "rb": _language((r"=begin(?<![^\n]=begin)\b(?:[^=]|=(?!end))*(?:=end)?", _HASH), quotes, "ruby"),
        "rake": _language((_HASH,), quotes, "ruby"),
        "php": _language((*slashes, r"\#(?!\[)[^\n]*", r"\{\{--(?:[^-]|-(?!-\}\}))*(?:--\}\})?"), quotes, "php"),
        "ex": _language((_HASH,), (_TRIPLE, _DOUBLE), "elixir"),
        "exs": _language((_HASH,), (_TRIPLE, _DOUBLE), "elixir"),
        "sql": _language((_DASHES, _BLOCK), (_SINGLE,)),
        "graphql": _language((_HASH,), (_TRIPLE, _DOUBLE)),
        "haml": _language((r"-\#(?<!\S-\#)[^\n]*", r"/(?<!\S/)[^\n]*"), quotes, "ruby"),
        "slim": _language((r"/(?<!\S/)[^\n]*",), quotes, "ruby"),
        "pug": _language((r"//(?<!\S//)[^\n]*",), quotes, "npm"),
        "elm": _language((_DASHES,), (_DOUBLE,)),
        "lua": _language((_DASHES,), quotes),
        "hs": _language((_DASHES,), (_DOUBLE,)),
    }
    return table


@cache
def _plain() -> Language:
    return _language((), (_DOUBLE, _SINGLE))


def _language(comments: tuple[str, ...], texts: tuple[str, ...], ecosystem: str = "") -> Language:
    """All alternatives begin with a letter that stands for itself: so `re` skips quickly what lies between."""
    return Language(re.compile("|".join((*comments, *texts))), ecosystem)
