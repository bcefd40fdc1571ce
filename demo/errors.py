"""What keeps the demo from being played, in words for whoever started it."""


class CannotPlayError(Exception):
    """Something that the demo needs is missing; the text says what, and what to do."""
