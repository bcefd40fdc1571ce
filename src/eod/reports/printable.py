"""Texts from outside, fit to be shown."""


def plain(text: str) -> str:
    r"""`text` with nothing in it that can move a cursor, turn the line round or hide what stands before it.

    Such a sign is written as Python writes it in a string: `\x1b`, `\u202e`, `\n`.
    """
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
