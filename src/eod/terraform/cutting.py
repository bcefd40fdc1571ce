"""Cuts long texts where no word is cut in two: half a secret would be known to nobody, and shown."""


def beginning(text: str, characters: int) -> str:
    """The first whole lines that fit; of a single line the first whole words."""
    if len(text) <= characters:
        return text
    kept = text[: characters + 1]
    return kept.rpartition("\n")[0] or kept.rpartition(" ")[0]


def end(text: str, characters: int) -> str:
    """The last whole lines that fit; of a single line the last whole words."""
    if len(text) <= characters:
        return text
    kept = text[-(characters + 1) :]
    return kept.partition("\n")[2] or kept.partition(" ")[2]
