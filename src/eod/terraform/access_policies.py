"""Whether a policy document lets everybody in. What cannot be read lets nobody in: its service refuses it, too."""

import json
import re
from collections.abc import Collection
from ipaddress import IPv4Network, ip_network
from typing import Any, Final

EVERYBODY_AT_GOOGLE: Final = frozenset({"allUsers", "allAuthenticatedUsers"})
"""https://docs.cloud.google.com/iam/docs/principals-overview"""

_WIDEST_IPV4: Final = 8
_WIDEST_IPV6: Final = 32
"""S3 calls a wider range public (the page that the table names)."""

_ACCOUNT: Final = re.compile(r"arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:\d{12}:.*", re.DOTALL)
_ADDRESSES: Final = frozenset({"aws:sourceip", "aws:vpcsourceip"})


def admits_everybody_in_aws(document: Any, *, keys: Collection[str], operators: Collection[str]) -> bool:
    """Whether a statement allows every principal, under no condition that narrows it.

    Args:
        document: A policy, as text.
        keys: Condition keys, in lower case, that narrow a statement by fixed values.
        operators: Condition operators, in lower case, that ask for a value.
    """
    statements = _decoded(document).get("Statement")
    return any(
        isinstance(one, dict) and _is_open(one) and not _is_narrowed(one.get("Condition"), keys, operators)
        for one in _list(statements)
    )


def admits_everybody_at_google(document: Any) -> bool:
    """Whether a binding has everybody among its members, under no condition."""
    bindings = _decoded(document).get("bindings")
    return any(
        isinstance(one, dict)
        and not one.get("condition")
        and not EVERYBODY_AT_GOOGLE.isdisjoint(str(member) for member in _list(one.get("members")))
        for one in _list(bindings)
    )


def _is_open(statement: dict[str, Any]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in _list(principal.get("AWS")))
    return everybody or "NotPrincipal" in statement


def _is_narrowed(condition: Any, keys: Collection[str], operators: Collection[str]) -> bool:
    """All parts of a condition must hold: one that narrows is enough, if each of its values does."""
    if not isinstance(condition, dict):
        return False
    return any(
        str(key).lower() in keys and bool(values := _list(given)) and all(_fixed(str(key), one) for one in values)
        for operator, tests in condition.items()
        if str(operator).lower().removeprefix("foranyvalue:") in operators and isinstance(tests, dict)
        for key, given in tests.items()
    )


def _fixed(key: str, value: Any) -> bool:
    text = str(value)
    if key.lower() in _ADDRESSES:
        return _is_narrow(text)
    if "${" in text:
        return False
    return not ("*" in text or "?" in text) or _ACCOUNT.fullmatch(text) is not None


def _is_narrow(network: str) -> bool:
    try:
        found = ip_network(network, strict=False)
    except ValueError:
        return False
    return found.prefixlen >= (_WIDEST_IPV4 if isinstance(found, IPv4Network) else _WIDEST_IPV6)


def _decoded(document: Any) -> dict[str, Any]:
    try:
        # As leniently as providers read it: Go takes half a surrogate pair, and a number of any length.
        decoded = json.loads(document, parse_int=str) if isinstance(document, str) else document
    except (ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
