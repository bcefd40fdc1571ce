"""Kubernetes' time stamps, as the cluster and Argo CD read them."""

from datetime import datetime


def moment(text: object) -> datetime | None:
    """RFC 3339 as the API writes it, or `None` for nothing or nonsense."""
    try:
        parsed = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return parsed if parsed is None or parsed.tzinfo else None
