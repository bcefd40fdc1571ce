"""When an operation that failed is tried again."""

from datetime import datetime, timedelta

from standins.kubernetes.objects import Object


def seconds_until_retry(state: Object, now: datetime) -> float:
    """Seconds until the next attempt of an operation whose last one failed."""
    backoff = (state["operation"].get("retry") or {}).get("backoff") or {}
    first = _seconds(backoff.get("duration") or "5s")
    most = _seconds(backoff.get("maxDuration") or "3m")
    delay = min(first * (backoff.get("factor") or 2) ** (state["retryCount"] - 1), most)
    finished = datetime.fromisoformat(state["finishedAt"])
    return (finished + timedelta(seconds=delay) - now).total_seconds()


def after_failure(state: Object, now: datetime) -> Object:
    """The state of an operation that has just failed: final, or waiting for its next attempt."""
    retry = state["operation"].get("retry") or {}
    count = state.get("retryCount", 0)
    if count >= retry.get("limit", 0) and retry.get("limit", 0) >= 0:
        retried = f" (retried {count} times)." if count else ""
        return {**state, "message": state["message"] + retried}
    finished = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    waiting = {**state, "phase": "Running", "finishedAt": finished, "retryCount": count + 1}
    at = now + timedelta(seconds=seconds_until_retry(waiting, now))
    clock = at.strftime("%I:%M%p").lstrip("0")
    waiting["message"] += f". Retrying attempt #{waiting['retryCount']} at {clock}."
    return waiting


def _seconds(text: str | int) -> float:
    text = str(text)
    for suffix, size in {"ms": 0.001, "s": 1, "m": 60, "h": 3600}.items():
        if text.endswith(suffix) and text.removesuffix(suffix).isdigit():
            return int(text.removesuffix(suffix)) * size
    return float(text)
