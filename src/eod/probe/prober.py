"""Waiting until a URL answers."""

from datetime import datetime
from typing import Protocol

from eod.model.kube import LoadBalancer
from eod.probe.asking import Answer, ask
from eod.probe.explaining import not_reachable
from eod.probe.target import Target, redirected, target_of

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 2.0
_LEAST_SECONDS = 0.5


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def wait(self, seconds: float) -> None:
        """Sleep, or raise `CancelledError` as soon as the run is cancelled."""


class Prober:
    """Asks URLs.

    Which hosts are asked is decided by the configuration and the cluster, never by a pull request; redirects that
    leave the host are not followed.

    Args:
        clock: Paces the questions.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def wait(
        self, url: str, *, statuses: tuple[int, ...], timeout_seconds: float, via: LoadBalancer | None
    ) -> str:
        """Ask until it answers with one of `statuses`.

        With `via` the load balancer is asked under the URL's name, so that nobody waits for DNS or a CDN; if it
        cannot be connected to, the name itself is tried.

        Args:
            url: The environment's.
            statuses: Those that count as an answer.
            timeout_seconds: For all of it.
            via: A load balancer's address.

        Returns:
            The URL that answered: `url`, one that it redirected to, or the load balancer's.

        Raises:
            NotReachableError: It did not answer so in time; the message says what it did instead.
        """
        began = self._clock.monotonic()
        pause = _FIRST_PAUSE
        while True:
            left = timeout_seconds - (self._clock.monotonic() - began)
            target, answer = self._round(url, statuses, via, max(left, _LEAST_SECONDS))
            if _fits(answer, statuses):
                return target.url
            waited = self._clock.monotonic() - began
            if waited >= timeout_seconds:
                raise not_reachable(url, target, answer, statuses, waited)
            self._clock.wait(min(pause, timeout_seconds - waited))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _round(
        self, url: str, statuses: tuple[int, ...], via: LoadBalancer | None, seconds: float
    ) -> tuple[Target, Answer]:
        target, answer = _follow(target_of(url, via), statuses, seconds)
        if via is not None and answer.kind in {"dns", "refused", "timeout"}:
            other, second = _follow(target_of(url, None), statuses, seconds)
            if second.kind == "status":
                return other, second
        return target, answer


def _follow(target: Target, statuses: tuple[int, ...], seconds: float) -> tuple[Target, Answer]:
    while True:
        answer = ask(target, seconds)
        onward = None if _fits(answer, statuses) else redirected(target, answer.location)
        if onward is None:
            return target, answer
        target = onward


def _fits(answer: Answer, statuses: tuple[int, ...]) -> bool:
    return answer.kind == "status" and answer.status in statuses
