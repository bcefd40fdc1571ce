"""The lifecycle's ports in memory; what others do just before a call is up to the test."""

import threading
from collections import Counter
from contextlib import nullcontext
from copy import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from eod.config import ArgoCd, ArgoCdMode, Readiness, Terraform
from eod.errors import NotFoundError
from eod.interrupts import Interrupts
from eod.lifecycle.made import config_where_made
from eod.model.change import ChangeKind, ChangeSet, FileChange
from eod.model.kube import NamespaceRemoval
from eod.model.learned import History
from eod.model.people import LabelPut, Role
from eod.model.plan import ApplyResult, Plan, PlanSummary, ResourceChange
from eod.model.record import Run
from tests.lifecycle.builders import CONFIG, NOW
from tests.tiers.builders import MemoryRepository

WITH_TERRAFORM = structs.replace(
    CONFIG,
    terraform=Terraform(directory="infra"),
    argocd=ArgoCd(mode=ArgoCdMode.NONE),
    readiness=Readiness(enabled=False),
)
WITHOUT_TERRAFORM = structs.replace(WITH_TERRAFORM, terraform=None)


def in_memory_rooms(config, *, pulls=(), records=()) -> Any:
    """All rooms in one, for whatever port they are asked for."""
    return InMemoryRooms(config, pulls=pulls, records=records)


class InMemoryRooms:
    """All rooms in one. `before[name]` is called once, before the first call of `name`;

    `after[name]` likewise after a write, `heard[beginning]` when that is said. `makes` tells the kinds that the
    root module makes, given its variables.
    """

    delivery: Any = None
    inventory: Any = None
    remover: Any = None
    clearer: Any = None
    move_state: Any = None
    cdn = hcl = None
    repository = "acme/shop"
    clone_url = "https://github.com/acme/shop.git"
    workflow = ".github/workflows/preview.yml"
    base_commit = "b" * 40

    def __init__(self, config, *, pulls=(), records=()):
        self.config = config
        self.pulls = {pull.number: pull for pull in pulls}
        self.kept = {record.environment: record for record in records}
        self.before = {}
        self.after = {}
        self.heard = {}
        self.calls: Any = Counter()
        self.known = History()
        self.said = []
        self.roles = {}
        self.puts = {}
        self.written = []
        self.login = ""
        self.finished = []
        self.swept = None
        self.signals = Interrupts()
        self.run = Run(id="1", url="https://github.com/acme/shop/actions/runs/1")
        self.let_apply_end = threading.Event()
        self.let_apply_end.set()
        self.interrupted = False
        self.over = {}
        self.ended = {}
        self.deliveries = {}
        self.inventories = {}
        self.newer_runs = True
        self.cloud_now = None
        self.waited = [0.0]
        self.declares: Any = frozenset({"environment"})
        self.makes = lambda _variables: ("cdn",)
        self.bound = []
        self.repairs: Any = ()
        self.in_state: Any = ()
        self.moved: Any = None
        self.adoptable: Any = ()
        self.gates: frozenset[str] = frozenset()
        self.forge = self.records = self.source = self.cluster = self.clock = self.reporter = self.workplace = self
        self.terraform: Any = None if config.terraform is None else self

    @property
    def cloud(self):
        return self.cloud_now

    def where_made(self, record):
        made = copy(self)
        made.config = config_where_made(self.config, record)
        argocd, aws = made.config.argocd, made.config.aws
        made.delivery = self.deliveries.get((str(argocd.mode), argocd.namespace), self.delivery)
        made.inventory = self.inventories.get((aws.region, aws.tag_prefix), self.inventory)
        return made

    def is_over(self, run):
        self._called("is_over")
        return self.over.get(run.id)

    def ended_at(self, run):
        return self.ended.get(run.id)

    def run_ended_at(self, run_id, _attempt):
        return self.ended.get(str(run_id))

    def is_run_over(self, run_id, _attempt):
        return self.over.get(str(run_id))

    def has_run_for(self, _head_sha, _workflow):
        return self.newer_runs

    def github_environment(self, environment):
        return environment

    def _called(self, name):
        self.calls[name] += 1
        hook = self.before.pop(name, None)
        if hook is not None:
            hook()

    # clock
    def now(self):
        return NOW + timedelta(seconds=self.waited[0])

    def monotonic(self):
        return self.waited[0]

    def wait(self, seconds):
        self.signals.wait(0)
        self.waited[0] += seconds
        self._called("wait")

    # reporter
    def update(self, subject, *arguments, **options):
        if isinstance(subject, str):
            return self._write(subject, *arguments)
        return None

    def finish(self, outcome):
        self.finished.append(outcome)

    def finish_sweep(self, outcome):
        self.swept = outcome

    def redact(self, text):
        return text

    def say(self, message):
        self.said.append(message)
        for beginning in [beginning for beginning in self.heard if message.startswith(beginning)]:
            self.heard.pop(beginning)()

    # records
    def get(self, environment):
        self._called("get")
        return self.kept.get(environment)

    def all(self):
        return tuple(self.kept.values())

    def history(self):
        return self.known

    def _write(self, environment, decide, message):
        name = f"write {message.partition(': ')[2].split()[0].rstrip(':')}"
        self._called(name)
        record = decide(self.kept.get(environment))
        self.kept.pop(environment, None)
        if record is not None:
            self.kept[environment] = record
        self.after.pop(name, lambda: None)()
        return record

    # forge
    def pull_request(self, number):
        self._called("pull_request")
        if number not in self.pulls:
            raise NotFoundError(f"#{number}")
        return self.pulls[number]

    def open_pull_requests(self):
        return tuple(pull for pull in self.pulls.values() if pull.open)

    def role_of(self, login):
        self._called("role_of")
        return self.roles.get(login, Role.NONE)

    def own_login(self):
        return self.login

    def label_put(self, _number, label):
        self._called("label_put")
        return self.puts.get(label)

    def comments(self, _number):
        self._called("comments")
        return iter(self.written)

    def relabel(self, number, add, remove):
        self._called("relabel")
        labels = [label for label in self.pulls[number].labels if label not in remove]
        new = add and add not in labels
        self.pulls[number] = structs.replace(self.pulls[number], labels=(*labels, *([add] if new else [])))
        if new:
            self.puts[add] = LabelPut(by="github-actions[bot]", at=self.now(), person=False)

    def create_deployment(self, **_facts):
        return None

    def retire_deployments(self, _environment):
        return 0

    # source
    def changes(self, base, head):
        change = FileChange(path="app/shop.py", kind=ChangeKind.MODIFIED)
        return ChangeSet(base=base, head=head, merge_base=base, files=(change,))

    def sides(self, _changes):
        return nullcontext(MemoryRepository({}, {}))

    def checkout(self, _commit):
        return Path("checkout")

    # cluster
    def ensure_namespace(self, _spec):
        self._called("ensure_namespace")
        return True

    def identity(self):
        return "cluster-1"

    def namespaces(self):
        return ()

    def contents(self, _namespace):
        return ()

    def drain_load_balancers(self, _namespace, _seconds):
        self._called("drain")
        return ()

    def delete_namespace(self, _namespace, _seconds):
        self._called("delete_namespace")
        return NamespaceRemoval(existed=True)

    # terraform
    def declared_variables(self, _root):
        return self.declares

    def workspace(self, **binding):
        self.bound.append(binding)
        return self

    def plan(self):
        self._called("plan")
        kinds = self.makes(self.bound[-1]["variables"])
        changes = tuple(
            ResourceChange(address=f"a.{kind}", type="a", actions=("create",), kind=kind) for kind in kinds
        )
        return Plan(
            path="plan",
            digest="d",
            terraform_version="1",
            changes=changes,
            summary=PlanSummary(adds=len(changes)),
            gates=self.gates,
        )

    def unknown(self, items):
        return tuple(item for item in items if item not in self.in_state)

    def adopt(self, _plan, items):
        adopted = tuple(item for item in items if item in self.adoptable)
        self.in_state += adopted
        self.repairs += tuple(f"adopted {item.id}" for item in adopted)
        return adopted

    def apply(self, _plan, _on_progress, _still_wanted):
        self._called("apply")
        self.let_apply_end.wait(30)
        return ApplyResult(added=1)

    def destroy(self, _on_progress):
        self._called("destroy")
        return ApplyResult(destroyed=1)

    def set_aside(self, at, move):
        self._called("set_aside")
        self.moved = (at, move)
        return "eod/pr-7.tfstate.damaged"

    def interrupt(self):
        self.interrupted = True
        self.let_apply_end.set()
