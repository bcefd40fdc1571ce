"""Secrets that were encoded as base64, as Kubernetes does it: found wherever they stand in what was encoded."""

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Final

SHORTEST: Final = 8
"""Bytes: the code of fewer is so short that it is part of some word."""

_INDEXED: Final = 8
_RUN: Final = re.compile(r"[A-Za-z0-9+/]{10,}")
_BITS_A_BYTE: Final = 8
_BITS_A_SIGN: Final = 6


class EncodedSecrets:
    """Base64 of known values, with padding or without, alone or amid other things that were encoded with them.

    A value begins at one of three places within a group of three bytes, so it has three codes: of each, the signs
    that are of nothing else count. Values under `SHORTEST` bytes are left alone.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._by_beginning: dict[str, list[str]] = {}
        for code in sorted({code for secret in secrets for code in _codes(secret)}, key=len, reverse=True):
            self._by_beginning.setdefault(code[:_INDEXED], []).append(code)

    def hidden(self, text: str, mask: str) -> str:
        """`text` with `mask` for each; what it costs does not depend on how many secrets there are."""
        if not self._by_beginning:
            return text
        return _RUN.sub(lambda run: self._without(run[0], mask), text)

    def _without(self, run: str, mask: str) -> str:
        kept: list[str] = []
        at = copied = 0
        while at + _INDEXED <= len(run):
            found = self._at(run, at)
            if found:
                kept += (run[copied:at], mask)
                copied = at + found
            at += found or 1
        return "".join(kept) + run[copied:] if kept else run

    def _at(self, run: str, at: int) -> int:
        """How long the longest code is that begins there; 0 for none."""
        codes = self._by_beginning.get(run[at : at + _INDEXED], ())
        return next((len(code) for code in codes if run.startswith(code, at)), 0)


def _codes(secret: str) -> Iterable[str]:
    value = secret.encode("utf-8", "replace")
    if len(value) < SHORTEST:
        return
    for before in range(3):
        code = b64encode(bytes(before) + value).decode("ascii")
        bits = _BITS_A_BYTE * before
        yield code[-(-bits // _BITS_A_SIGN) : (bits + _BITS_A_BYTE * len(value)) // _BITS_A_SIGN]
