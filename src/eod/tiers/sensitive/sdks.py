"""Which packages are SDKs of payment, identity, secrets or audit (`data/sdks.toml`)."""

from functools import cache
from typing import Final

from msgspec import Struct

from eod import data

_NAMESPACES: Final = frozenset({"java", "dotnet", "php", "swift", "elixir"})
"""Ecosystems whose code does not import packages by the names that their registry has."""


class _Sdk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ecosystem: str
    subject: str
    packages: tuple[str, ...]
    imports: tuple[str, ...]
    source: str


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sdks: tuple[_Sdk, ...]


class _Names(Struct, frozen=True):
    """Names in lower case with their subjects: whole ones, and beginnings of names."""

    exact: dict[str, str]
    starts: tuple[tuple[str, str], ...]

    def subject(self, name: str) -> str | None:
        name = name.lower()
        found = self.exact.get(name)
        return found or next((subject for start, subject in self.starts if name.startswith(start)), None)


def sdk_subject(ecosystem: str, package: str) -> str | None:
    """What a package is about, or `None`.

    Args:
        ecosystem: As `data/dependencies.toml` names it: `npm`, `python`, `go`.
        package: As the ecosystem's registry names it: `@stripe/stripe-js`, `com.stripe:stripe-java`.
    """
    names = _packages().get("npm" if ecosystem == "deno" else ecosystem)
    return names.subject(package.removeprefix("npm:")) if names else None


def import_subject(ecosystem: str, module: str) -> str | None:
    """What an imported module is about, or `None`: `stripe.api` in Python, `crypto/tls` in Go.

    A module below another one (`stripe/lib`, `stripe.error`, `Stripe::Charge`) is about the same.
    """
    names = _imports().get(ecosystem)
    if names is None:
        return None
    name = module.lower()
    while name:
        subject = names.subject(name)
        if subject is not None:
            return subject
        cut = max(name.rfind(mark) for mark in ".:/\\")
        name = name[: max(cut, 0)].rstrip(".:/\\")
    return None


@cache
def _packages() -> dict[str, _Names]:
    return {ecosystem: _names(ecosystem, imports=False) for ecosystem in _ecosystems()}


@cache
def _imports() -> dict[str, _Names]:
    return {ecosystem: _names(ecosystem, imports=True) for ecosystem in _ecosystems()}


def _ecosystems() -> set[str]:
    return {sdk.ecosystem for sdk in _sdks()}


def _names(ecosystem: str, *, imports: bool) -> _Names:
    exact: dict[str, str] = {}
    starts: list[tuple[str, str]] = []
    for sdk in _sdks():
        if sdk.ecosystem != ecosystem:
            continue
        for name in _chosen(sdk, imports=imports):
            if name.endswith("*"):
                starts.append((name[:-1].lower(), sdk.subject))
            else:
                exact.setdefault(name.lower(), sdk.subject)
    return _Names(exact, tuple(starts))


def _chosen(sdk: _Sdk, *, imports: bool) -> tuple[str, ...]:
    if not imports:
        return sdk.packages
    return sdk.imports if sdk.ecosystem in _NAMESPACES else (*sdk.packages, *sdk.imports)


@cache
def _sdks() -> tuple[_Sdk, ...]:
    return data.read("sdks", _Table).sdks
