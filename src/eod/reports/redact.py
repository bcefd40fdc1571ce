"""Secrets that got into a text all the same are taken out before anybody sees it."""

import re
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache

from msgspec import Struct, structs

from eod.model.encoded import EncodedSecrets

MASK = "***"
SHORTEST = 4
"""Shorter secrets would blacken harmless words."""

_REMEMBERED = 16_384
_SHORT = 500
_LONG_REMEMBERED = 8
"""A plan and an error or two."""

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    # https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    (re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9_.-]{16,}|github_pat_[A-Za-z0-9_]{16,})"), MASK),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    (re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"), MASK),
    (re.compile(r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{20,}"), MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), MASK),
    (re.compile(r"\b(?:glpat-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,})"), MASK),
    (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{16,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^/\s:@]{1,200}:[^/\s@]{1,500}@", re.IGNORECASE), rf"\1{MASK}@"),
    (
        re.compile(
            r"((?:secret(?:_access)?_key|password|passwd|client_secret|api_?key|auth_token|session_token)"
            r"[\"']?\s{0,40}[=:]\s{0,5}[\"']?)(?![(<*$]|(?:true|false|null)\b)[^\s\"',;]{4,}",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)


class Redactor:
    """Takes known secrets and whatever looks like a token out of texts. Safe to use from any thread.

    Args:
        secrets: Known values; of several lines, each line.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: tuple[str, ...] = ()
        self._learning = threading.Lock()
        self._learned = 0
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take these out as well from here on."""
        with self._learning:
            lines = {line.strip() for secret in secrets for line in secret.splitlines()}
            known = {*self._known, *(line for line in lines if len(line) >= SHORTEST)}
            self._known = tuple(sorted(known, key=lambda secret: (-len(secret), secret)))
            self._encoded = EncodedSecrets(self._known)
            # What is remembered was cleaned of less; what is being cleaned now goes into the old memories.
            self._short = lru_cache(maxsize=_REMEMBERED)(self._clean)
            self._long = lru_cache(maxsize=_LONG_REMEMBERED)(self._clean)
            self._learned += 1  # last: who reads the new count must find the new memories

    @property
    def learned(self) -> int:
        """Counts how often something was learned: what was cleaned at an older count has to be cleaned again."""
        return self._learned

    def __call__(self, text: str) -> str:
        """`text` without secrets, and storable: undecodable bytes of a path arrive as lone surrogates.

        The same thousands of paths, and the same plan, come by with each comment: so texts are remembered.
        """
        return self._short(text) if len(text) <= _SHORT else self._long(text)

    def _clean(self, text: str) -> str:
        text = text.encode("utf-8", "replace").decode("utf-8")
        # One by one: a thousand alternatives of one pattern are tried at each character, these are not.
        for secret in self._known:
            text = text.replace(secret, MASK)
        text = self._encoded.hidden(text, MASK)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text


def redacted(value: object, redact: Callable[[str], str]) -> object:
    """Plain data with every text in it redacted; enums, times and numbers stay."""
    if type(value) is str:
        return redact(value)
    if isinstance(value, tuple | list):
        return type(value)(redacted(one, redact) for one in value)
    if isinstance(value, dict):
        return {redacted(key, redact): redacted(one, redact) for key, one in value.items()}
    if isinstance(value, Struct):
        fields = {name: redacted(getattr(value, name), redact) for name in value.__struct_fields__}
        return structs.replace(value, **fields)
    return value
