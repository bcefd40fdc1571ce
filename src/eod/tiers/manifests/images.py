"""References to container images: https://github.com/distribution/reference."""

import re
from typing import Final

from msgspec import Struct

from eod.tiers.manifests.knowledge import knowledge
from eod.tiers.manifests.yamldata import Value

_NUMBER: Final = re.compile(r"\d+")
_LONGEST: Final = 500


class Image(Struct, frozen=True):
    """`registry/repository:tag@digest`, taken apart. A template's actions may stand in each."""

    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def role(self) -> str:
        """What runs in it: `database`, `cache`, `queue`, `tool`, or nothing known."""
        return knowledge().role(self.repository)

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.repository.rpartition("/")[2]

    @property
    def known(self) -> bool:
        """Whether its repository is written here, and not taken from a variable."""
        return bool(self.repository) and not any(mark in self.repository for mark in ("{{", "$", "{%"))


def image_of(text: Value) -> Image:
    """The image that `text` names."""
    if not isinstance(text, str):
        return Image("")
    text = _plain(text[:_LONGEST].strip())
    rest, _, digest = text.partition("@")
    at = rest.rfind(":")
    if at < 0 or "/" in rest[at:] or rest.rfind("}") > at > rest.rfind("{") >= 0:
        return Image(rest, "", digest)
    return Image(rest[:at], rest[at + 1 :], digest)


def _plain(text: str) -> str:
    """`${VARIABLE:-default}` as its default: https://docs.docker.com/compose/how-tos/environment-variables/."""
    return _DEFAULT.sub(lambda found: found[1], text)


_DEFAULT: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^${}]*)\}")


def another_major(old: str, new: str) -> bool:
    """Whether the first number differs, or one of them has none: `15.4` and `16.1`, `7` and `latest`."""
    before, after = _NUMBER.search(old), _NUMBER.search(new)
    if before is None or after is None:
        return old != new
    return before[0] != after[0]


def another_engine(old: str, new: str) -> bool:
    """Whether the version that two tags begin with differs: `16.1-r3` and `16.2-r1`, not `16.1-r4`."""
    before, after = _VERSION.match(old), _VERSION.match(new)
    if before is None or after is None:
        return old != new
    return before[1] != after[1]


_VERSION: Final = re.compile(r"[a-z-]*v?([0-9]+(?:\.[0-9]+)*)", re.IGNORECASE)
