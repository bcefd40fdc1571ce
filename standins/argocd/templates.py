"""Templates of ApplicationSets: `{{number}}`, or `{{ .number }}` with Go templates."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from standins.argocd.documents import ManifestError
from standins.kubernetes.objects import Object

_EXPRESSION: Final = re.compile(r"{{-?\s*(.*?)\s*-?}}", re.DOTALL)
_GO_NAME: Final = re.compile(r"^\.([A-Za-z_]\w*)$")
_PLAIN_NAME: Final = re.compile(r"^[\w.-]+$")


def render_template(
    template: Object, values: Mapping[str, Any], *, go_template: bool, options: list[str]
) -> Object:
    """A template with its expressions replaced, in keys and values.

    Raises:
        ManifestError: An expression is not known to this renderer, or names nothing where that is an error.
    """

    def replace(found: re.Match[str]) -> str:
        expression = found.group(1)
        if go_template:
            return _go_value(expression, values, strict="missingkey=error" in options)
        if not _PLAIN_NAME.match(expression):
            raise ManifestError(f"template expression {{{{{expression}}}}} is not supported here")
        return str(values[expression]) if expression in values else found.group(0)

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {walk(key): walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(item) for item in node]
        return _EXPRESSION.sub(replace, node) if isinstance(node, str) else node

    rendered: Object = walk(json.loads(json.dumps(template)))
    return rendered


def _go_value(expression: str, values: Mapping[str, Any], *, strict: bool) -> str:
    found = _GO_NAME.match(expression)
    if not found:
        raise ManifestError(f"template expression {{{{{expression}}}}} is not supported here")
    name = found.group(1)
    if name in values:
        value = values[name]
        return "[" + " ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)
    if strict:
        raise ManifestError(f'failed to execute go template: map has no entry for key "{name}"')
    return "<no value>"
