"""The tier of a pull request, from what it changes. Pure: no GitHub, no AWS, no files."""

from eod.tiers.classify import classify
from eod.tiers.confirm import Confirmation, Finding, confirm
from eod.tiers.document import to_document, to_json

__all__ = ["Confirmation", "Finding", "classify", "confirm", "to_document", "to_json"]
