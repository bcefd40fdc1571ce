"""Whether only comments, white space and formatting changed. Each language is read by its own grammar."""

from eod.tiers.meaning.examiner import Unchanged

__all__ = ["Unchanged"]
