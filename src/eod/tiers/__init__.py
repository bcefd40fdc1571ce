"""The tier of a pull request, from what it changes. Pure: no GitHub, no AWS, no files."""

from eod.tiers.classify import classify
from eod.tiers.document import to_document, to_json

__all__ = ["classify", "to_document", "to_json"]
