"""Argo CD by script: what a test says an Application looks like, and when."""

import copy
from typing import Any

from eod.argocd.answers import no_such_set
from tests.cluster.clocks import FastClock


class ScriptedStore:
    """Plays `(seconds, application)` on a clock of its own; exceptions are raised instead of returned.

    A watch waits until the next change in the script or until its time is over, as the real one does.
    """

    namespace = "argocd"

    def __init__(self, *script, clock=None, on=None):
        self.clock = clock or FastClock()
        self.script = sorted(script, key=lambda entry: entry[0])
        self.calls = []
        self.watching = 0
        self.reactions = on or {}
        self.project = True
        self.sets_known_at = 0.0
        self.sets: dict[str, dict[str, Any]] = {"previews": {"metadata": {"name": "previews"}, "status": {}}}

    def _now(self):
        found = None
        for when, made in self.script:
            if when <= self.clock.seconds:
                found = made
        return found

    def _next_change(self):
        return next((when for when, _ in self.script if when > self.clock.seconds), None)

    def _did(self, call, *arguments):
        self.calls.append((round(self.clock.seconds, 1), call, *arguments))
        for when, made in self.reactions.pop(call, ()):
            self.script.append((self.clock.seconds + when, made))
        self.script.sort(key=lambda entry: entry[0])

    def called(self, call):
        return [entry for entry in self.calls if entry[1] == call]

    def get(self, name):
        made = self._now()
        if isinstance(made, Exception):
            raise made
        return copy.deepcopy(made)

    def list(self):
        return [made for _, made in self.script]

    def watch(self, name, *, since, seconds):
        self.watching += 1
        try:
            yield from self._watch(seconds)
        finally:
            self.watching -= 1

    def _watch(self, seconds):
        ends = self.clock.seconds + seconds
        while True:
            change = self._next_change()
            if change is None or change > ends:
                self.clock.seconds = max(self.clock.seconds, ends)
                return
            self.clock.seconds = change
            made = self._now()
            if isinstance(made, Exception):
                raise made
            yield copy.deepcopy(made)

    def apply(self, manifest):
        self._did("apply", manifest)
        return manifest

    def refresh(self, name, *, hard=False):
        self._did("refresh", "hard" if hard else "normal")

    def sync(self, application, revision):
        self._did("sync", revision)
        return True

    def terminate(self, application):
        self._did("terminate")

    def delete(self, application):
        self._did("delete")

    def poke(self, application_set):
        if self.application_set(application_set) is None:
            raise no_such_set(application_set, self.namespace)
        self._did("poke", application_set)

    def application_set(self, name):
        return self.sets.get(name) if self.clock.seconds >= self.sets_known_at else None

    def project_exists(self, name):
        return self.project
