"""The three pull requests of the story."""

from pathlib import Path

from msgspec import Struct

from eod.model.tier import Tier

_CHANGES = Path(__file__).with_name("changes")


class Part(Struct, frozen=True, kw_only=True):
    """One pull request: who opens it, what it changes, and what ought to come of it.

    Attributes:
        number: Its number, and the name of its environment.
        folder: Where its changes lie, a folder a push.
        branch: Its branch.
        title: Its title.
        messages: The message of each push's commit.
        author: Who opens it.
        merged: Whether it is merged at the end, or closed.
        tier: What the action should make of it.
    """

    number: int
    folder: str
    branch: str
    title: str
    body: str
    messages: tuple[str, ...]
    author: str
    merged: bool
    tier: Tier

    @property
    def environment(self) -> str:
        """The environment's name."""
        return f"pr-{self.number}"

    def pushes(self) -> list[dict[str, str]]:
        """The files of each push, by their paths."""
        folders = sorted((_CHANGES / self.folder).iterdir())
        return [
            {str(file.relative_to(push)): file.read_text("utf-8") for file in push.rglob("*") if _is_source(file)}
            for push in folders
        ]


def _is_source(path: Path) -> bool:
    """Whoever ran the application where it lies left what Python compiled."""
    return path.is_file() and "__pycache__" not in path.parts


CAST = (
    Part(
        number=121,
        folder="121-typo",
        branch="fix-welcome-text",
        title="Correct a typo on the front page",
        body="One word of text.",
        messages=("Correct a typo on the front page",),
        author="ada",
        merged=False,
        tier=Tier.LIGHTWEIGHT,
    ),
    Part(
        number=122,
        folder="122-migration",
        branch="origin-of-teas",
        title="Show where a tea comes from",
        body="A column for the origin; the second push fills it for the teas that we know.",
        messages=("Add the origin of teas", "Fill in the origin of known teas"),
        author="grace",
        merged=True,
        tier=Tier.DATABASE,
    ),
    Part(
        number=123,
        folder="123-payment",
        branch="payment-service",
        title="Take payments",
        body="A service of its own that puts charges into a queue.",
        messages=("Add the payment service",),
        author="linus",
        merged=False,
        tier=Tier.FULL,
    ),
)
