"""A series of readings: how long healthy has held, how long a bad stage has lasted. Pure."""

from msgspec import Struct, structs

from eod.argocd.verdict import Judgement
from eod.model.kube import ApplicationStage, ApplicationStatus


class Series(Struct, frozen=True, kw_only=True):
    """What the readings so far amount to. Times are of a monotonic clock, in seconds.

    Attributes:
        status: The newest reading's, its stage raised to `READY` once healthy has held.
        healthy_since: When the unbroken run of healthy readings began.
        bad_since: When the unbroken run of readings in the same bad stage began.
        given_up: Whether a bad stage has outlasted its patience.
        wake_in: Seconds until time alone changes the verdict; `None` if only a new reading can.
    """

    status: ApplicationStatus | None = None
    healthy_since: float | None = None
    bad_since: float | None = None
    given_up: bool = False
    wake_in: float | None = None


def take(series: Series, judgement: Judgement, *, now: float, hold_seconds: float) -> Series:
    """Add a reading, or the same one again after time has passed."""
    if judgement.status.stage is ApplicationStage.HOLDING:
        return _healthy(series, judgement.status, now, hold_seconds)
    if judgement.patience is not None:
        return _bad(series, judgement.status, now, judgement.patience)
    return Series(status=judgement.status)


def _healthy(series: Series, status: ApplicationStatus, now: float, hold_seconds: float) -> Series:
    since = now if series.healthy_since is None or _moved(series, status) else series.healthy_since
    left = since + hold_seconds - now
    if left > 0:
        return Series(status=status, healthy_since=since, wake_in=left)
    return Series(status=structs.replace(status, stage=ApplicationStage.READY), healthy_since=since)


def _bad(series: Series, status: ApplicationStatus, now: float, patience: float) -> Series:
    same = series.status is not None and series.status.stage is status.stage
    since = series.bad_since if same and series.bad_since is not None else now
    left = since + patience - now
    return Series(status=status, bad_since=since, given_up=left <= 0, wake_in=max(0.0, left))


def _moved(series: Series, status: ApplicationStatus) -> bool:
    return series.status is not None and series.status.revision != status.revision
