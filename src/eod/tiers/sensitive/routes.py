"""The addresses that a line of code declares: what is served at `/login` is about identity, whatever calls it."""

import re
from typing import Final

_LIMIT: Final = 400
"""Characters of a line that are looked at."""

_TEXT: Final = re.compile(r"""["'`](?:[A-Z]{3,7}\s)?([^"'`\s]{1,200})["'`]""")
_DECLARES: Final = re.compile(
    r"""
      @(?:Get|Post|Put|Patch|Delete|All|Controller|Path|Route|(?:Get|Post|Put|Patch|Delete|Request)Mapping)\b\(
    | \#?\[(?:Route|Http(?:Get|Post|Put|Patch|Delete)|get|post|put|patch|delete)\(
    | \bRoute::\w+\(
    | \.Map(?:Get|Post|Put|Patch|Delete|Group)\(
    | (?:\b(?:app|server|fastify|blueprint|bp)|[rR]oute[rs]?)\.(?:get|post|put|patch|delete|all|use|websocket)\(
    | \br\.(?:Get|Post|Put|Patch|Delete|Route)\(
    | (?:\.(?:route|[Rr]oute|HandleFunc|Handle|Group|Mount)|(?<![Cc]lient)\.(?:GET|POST|PUT|PATCH|DELETE))
        \((?=\s*["'`](?:[A-Z]{3,7}\s)?/)
    | (?<![.\w])(?:re_)?path\(
    | \badd_url_rule\(
    """,
    re.VERBOSE,
)
_BEFORE: Final = len("(path = r{")
"""Characters that may stand between what declares a route and its address."""
_RUBY: Final = re.compile(
    r"^\s*(?:get|post|put|patch|delete|match|resources?|namespace|scope|mount|forward|live|devise_for)\b[\s(]+"
    r"(?:path:\s*)?(?::(\w{1,100})|[\"']([^\"'\s]{1,200})[\"'])"
)
"""How Rails and Phoenix declare them, in files that do nothing else."""
_ROUTERS: Final = re.compile(r"(?:^|/)(?:routes\.rb|router\.ex|config/routes/[^\n]*\.rb)$")


def declared_route(path: str, line: str) -> str | None:
    """The address that `line` of the file at `path` declares to be served; `None` if it declares none."""
    line = line[:_LIMIT]
    if _ROUTERS.search(path):
        match = _RUBY.match(line)
        return (match[1] or match[2]) if match else None
    declares = _DECLARES.search(line)
    text = _TEXT.search(line, declares.end()) if declares else None
    if text is None or declares is None or text.start() - declares.end() > _BEFORE:
        return None
    return text[1]
