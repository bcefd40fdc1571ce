import pytest

from demo.actrun import Run, Trigger
from demo.cast import CAST
from demo.takes import Comment, Take
from eod.model.tier import Evidence, Verdict
from eod.reports.renderer import Renderer

RECORD = """\
schema: 1
environment: pr-{number}
repository: acme/shop
pr_number: {number}
pr_url: https://github.com/acme/shop/pull/{number}
owner: ada
phase: ready
tier: {tier}
head_sha: 0123456789012345678901234567890123456789
namespace: pr-{number}
hostname: pr-{number}.neo01.com
url: https://pr-{number}.neo01.com/
created_at: 2026-11-23T12:00:00Z
updated_at: 2026-11-23T12:01:00Z
steps:
- step: plan
  seconds: 12.2
- step: gates
  seconds: 66.0
- step: apply
  seconds: 66.4
- step: answer
  seconds: 0.1
"""
CERTIFICATE = '{"removed": [1, 2, 3], "remaining": [], "checks": [{"name": "namespace", "ok": true}]}'


def evidence(part):
    lines = tuple(Evidence(path=path, tier=part.tier, rule="r", reason="") for path in part.pushes()[0])
    return Renderer().verdict(Verdict(tier=part.tier, evidence=lines))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def make_take():
    """One run as it should have gone; whatever is given goes another way."""

    def make(number, name, *, workflow="preview.yml", outputs=None, log=(), **changes):
        part = next(part for part in CAST if part.number == number)
        tier = part.tier
        usual = {"tier": tier, "phase": "ready", "url": f"https://pr-{number}.neo01.com/", "ready-seconds": "89.2"}
        if workflow == "on-close.yml":
            usual = {"tier": tier, "phase": "destroyed", "certificate": CERTIFICATE}
        if workflow == "sweep.yml":
            usual = {}
        trigger = Trigger(name=name, workflow=workflow, event="pull_request", payload={}, number=number)
        run = Run(
            trigger=trigger,
            code=0,
            seconds=12.3,
            outputs={**usual, **(outputs or {})},
            summary=f"### {name}",
            log=tuple(log),
        )
        up = workflow == "preview.yml"
        gone = "### 🧹 It is gone: 3 things removed, nothing left"
        facts = {
            "began": 1.0,
            "ended": 13.3,
            "comments": (Comment(id=number, body=evidence(part) if up else gone),),
            "record": RECORD.format(number=number, tier=tier) if up else "",
            "databases": (f"preview-shop-pr-{number} cluster-A",) if up and number != 121 else (),
            "deployments": {},
        }
        return Take(number=number, run=run, **{**facts, **changes})

    return make


@pytest.fixture
def takes(make_take):
    """The whole story, as it should go."""
    return [
        make_take(121, "121-opened"),
        make_take(121, "sweep", workflow="sweep.yml"),
        make_take(122, "122-opened"),
        make_take(122, "122-pushed", began=20.0, ended=40.0),
        make_take(122, "122-closed", workflow="on-close.yml", began=50.0, ended=100.0),
        make_take(123, "123-opened"),
        make_take(123, "123-closed", workflow="on-close.yml"),
    ]


@pytest.fixture
def trail():
    phases = ("database requested for 43bf8ac by grace", "ready at 43bf8ac after 89 s", "destroyed: closed")
    return "".join(f"0123abc 12:00:00 pr-{part.number}: {phase}\n" for part in CAST for phase in phases)
