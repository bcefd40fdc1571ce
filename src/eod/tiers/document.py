"""The verdict as the JSON document that `eod classify --json` prints. Its keys are stable."""

import json

from eod.model.tier import Verdict


def to_document(verdict: Verdict) -> dict[str, object]:
    r"""`verdict` as plain data that any JSON writer takes; undecodable bytes of paths are written as `\xff`."""
    return {
        "tier": str(verdict.tier),
        "capabilities": [storable(name) for name in verdict.capabilities],
        "evidence": [
            {
                "path": storable(each.path),
                "tier": str(each.tier),
                "rule": storable(each.rule),
                "reason": storable(each.reason),
            }
            for each in verdict.evidence
        ],
        "forced_by": None if verdict.forced_by is None else storable(verdict.forced_by),
    }


def to_json(verdict: Verdict) -> str:
    """The document as indented JSON text."""
    return json.dumps(to_document(verdict), ensure_ascii=False, indent=2)


def storable(text: str) -> str:
    """`text` without lone surrogates, which are no Unicode."""
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "backslashreplace")
    return raw.decode("utf-8", "backslashreplace")
