"""The real rooms of one run, each built when it is first asked for, with what `parts` and `aws_rooms` build."""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs

from eod.aws.region import REGION_VARIABLES, region_of, sdk_region_of
from eod.cli.aws_rooms import AwsRooms
from eod.cli.clock import SystemClock
from eod.cli.parts import make_client, make_records, make_source, make_terraform, secrets_in
from eod.cli.settings import Settings, is_process_over
from eod.config import ArgoCdMode, Config
from eod.config.placeholders import fill
from eod.git.source import GitSource
from eod.hcl.parser import HclProcess
from eod.interrupts import Interrupts
from eod.lifecycle.made import config_where_made
from eod.model.record import CloudRecord, Record, Run, SharedCdn

if TYPE_CHECKING:
    from eod.argocd.delivery import Delivery
    from eod.argocd.ports import Applications
    from eod.aws.cdn import CloudFront
    from eod.aws.clearing import TagClearer
    from eod.aws.inventory import TagInventory
    from eod.aws.removal import TagRemover
    from eod.aws.states import StateMover
    from eod.cluster.api import KubeApi
    from eod.cluster.cluster import Cluster
    from eod.github.forge import GitHubForge
    from eod.github.runner import Runner
    from eod.probe.prober import Prober
    from eod.records.store import GitRecords
    from eod.reports.redact import Redactor
    from eod.reports.reporter import RunReporter
    from eod.reports.terminal import LiveScreen
    from eod.terraform.runner import TerraformRunner


class LiveRooms:
    """The rooms of one run.

    Args:
        config: From the base branch.
        base_commit: The commit that it comes from.
        settings: Where the run takes place.
        interrupts: Cancellation.
        environ: The process's environment.
        runner: The log.
        pr_number: The pull request that this is about, if it is about one.
        screen: The terminal of a person who watches.
        sweeping: Whether this is a sweep, whose outputs and summary are its own.
    """

    def __init__(
        self,
        *,
        config: Config,
        base_commit: str,
        settings: Settings,
        interrupts: Interrupts,
        environ: Mapping[str, str],
        runner: "Runner",
        pr_number: int | None = None,
        screen: "LiveScreen | None" = None,
        sweeping: bool = False,
    ) -> None:
        self.config = config
        self.base_commit = base_commit
        self.settings = settings
        self.signals = interrupts
        self.runner = runner
        self.clock = SystemClock(interrupts)
        self.environ = environ
        self._pr_number = pr_number
        self._screen = screen
        self._sweeping = sweeping
        self._connections: list[Callable[[], None]] = []

    @property
    def repository(self) -> str:
        """`owner/name`."""
        return self.settings.repository

    @property
    def clone_url(self) -> str:
        """Where Argo CD reads the repository."""
        return self.settings.clone_url

    @property
    def run(self) -> Run:
        """The workflow run that we are."""
        return self.settings.run

    @property
    def workflow(self) -> str:
        """The path of the workflow's file; empty on a terminal."""
        return self.settings.workflow

    @property
    def uses_aws(self) -> bool:
        """Whether there is anything to look for in AWS."""
        enabled = self.config.aws.enabled
        return self.config.terraform is not None if enabled is None else enabled

    @property
    def cloud(self) -> CloudRecord | None:
        """Where this run makes cloud resources and looks for them."""
        if not self.uses_aws:
            return None
        aws = self.config.aws
        return CloudRecord(
            region=region_of(self.environ, aws.region),
            sdk_region=sdk_region_of(self.environ),
            regions=aws.regions,
            tag_prefix=aws.tag_prefix,
            hosted_zone=aws.hosted_zone,
            cdn=SharedCdn(**structs.asdict(aws.cdn)),
        )

    def where_made(self, record: Record) -> "LiveRooms":
        """The same rooms, with Argo CD and AWS as they were configured when the environment was made.

        Terraform finds `AWS_REGION` as it was: in another region its provider would find nothing, and drop what
        still exists from the state.
        """
        environ = dict(self.environ)
        if record.cloud is not None and record.cloud.sdk_region:
            environ |= dict.fromkeys(REGION_VARIABLES, record.cloud.sdk_region)
        rooms = copy(self)
        rooms.__dict__["source"] = self.source  # its checkouts are removed with this run's
        rooms.__dict__["reporter"] = self.reporter
        rooms.__dict__["redactor"] = self.redactor  # what one teardown learns is hidden in all reports
        rooms.config, rooms.environ = config_where_made(self.config, record), environ
        for name in ("delivery", "terraform", "_in_aws"):
            rooms.__dict__.pop(name, None)
        return rooms

    def is_over(self, run: Run) -> bool | None:
        """Whether another run has ended: GitHub tells of workflow runs, the system of this machine's processes."""
        if run.id.isdigit():
            return self.forge.is_run_over(int(run.id), run.attempt)
        return is_process_over(run.id)

    def ended_at(self, run: Run) -> datetime | None:
        """Until when another run can have worked; of a terminal's nobody knows."""
        return self.forge.run_ended_at(int(run.id), run.attempt) if run.id.isdigit() else None

    def github_environment(self, environment: str) -> str:
        """The GitHub environment of `environment`'s Deployments."""
        return fill(self.config.github.environment, {"environment": environment, "name": environment})

    @cached_property
    def redactor(self) -> "Redactor":
        """Takes secrets out of every report: the process's own, and what plans and states mark as such."""
        from eod.reports.redact import Redactor

        return Redactor(secrets_in(self.environ))

    def hide(self, values: tuple[str, ...]) -> None:
        """Have values hidden from here on: by the runner in the whole job's log, by us in all that we write."""
        for value in values:
            self.runner.mask(value)
        self.redactor.learn(values)

    @cached_property
    def reporter(self) -> "RunReporter":
        """What people see."""
        from eod.reports.renderer import Renderer
        from eod.reports.renderer import Settings as Words
        from eod.reports.reporter import RunReporter

        labels = self.config.labels
        words = Words(tier_prefix=labels.prefix, skip_label=labels.skip, keep_label=labels.keep)
        return RunReporter(
            self.runner,
            self.clock,
            renderer=Renderer(self.redactor, words),
            comments=self.forge if self.config.github.comment else None,
            screen=self._screen,
            sweeping=self._sweeping,
        )

    @cached_property
    def forge(self) -> "GitHubForge":
        """GitHub."""
        from eod.github.forge import GitHubForge

        client = make_client(self.settings, self.clock, self.runner)
        self._connections.append(client.close)
        return GitHubForge(client, notice=self.runner.notice, say=self.runner.say)

    @cached_property
    def source(self) -> GitSource:
        """The repository's commits."""
        return make_source(self.settings, self.environ, self._pr_number)

    @cached_property
    def hcl(self) -> HclProcess:
        """The parser of HCL; its process starts with the first document."""
        parser = HclProcess(self.environ)
        self._connections.append(parser.close)
        return parser

    @cached_property
    def records(self) -> "GitRecords":
        """The store of records."""
        return make_records(self.settings, self.config.records, self.environ, self.clock)

    @cached_property
    def cluster(self) -> "Cluster":
        """Namespaces."""
        from eod.cluster.cluster import Cluster

        return Cluster(self._kube, self.clock, repository=self.repository)

    @cached_property
    def delivery(self) -> "Delivery | None":
        """Argo CD, by its own API where ARGOCD_SERVER says so, else by the cluster's."""
        argocd = self.config.argocd
        if argocd.mode is ArgoCdMode.NONE:
            return None
        from eod.argocd.delivery import Delivery

        return Delivery(
            self._applications(),
            self.clock,
            repository=self.repository,
            application_set=argocd.application_set,
            problems=self.cluster.problems,
            say=self.runner.say,
        )

    @cached_property
    def terraform(self) -> "TerraformRunner | None":
        """Terraform, where it is configured."""
        terraform = self.config.terraform
        if terraform is None:
            return None
        made = make_terraform(
            terraform, self.settings, self.environ, self.clock, self.signals, say=self.runner.say, hide=self.hide
        )
        self._connections.append(made.close)
        return made

    @property
    def inventory(self) -> "TagInventory | None":
        """What AWS holds."""
        return None if self._in_aws is None else self._in_aws.inventory

    @property
    def remover(self) -> "TagRemover | None":
        """Deletes what is in no state."""
        return None if self._in_aws is None else self._in_aws.remover

    @property
    def clearer(self) -> "TagClearer | None":
        """Clears away what is in the way."""
        return None if self._in_aws is None else self._in_aws.clearer

    @property
    def move_state(self) -> "StateMover | None":
        """Moves a damaged state aside."""
        return None if self._in_aws is None else self._in_aws.move_state

    @property
    def cdn(self) -> "CloudFront | None":
        """CloudFront, at teardown."""
        return None if self._in_aws is None else self._in_aws.cdn

    @cached_property
    def prober(self) -> "Prober":
        """Asks URLs."""
        from eod.probe.prober import Prober

        return Prober(self.clock)

    def close(self) -> None:
        """Close connections; remove the checkouts, unless a Terraform that was left behind works in one."""
        for close in self._connections:
            close()
        if "source" in self.__dict__ and not any(self.settings.state_directory.glob("terraform/*/running.json")):
            self.source.close()

    @cached_property
    def _kube(self) -> "KubeApi":
        from eod.cluster.api import KubeApi
        from eod.cluster.connect import connect

        api = KubeApi(connect(self.environ, self.settings.kube_context or None), self.clock)
        self._connections.append(api.close)
        return api

    @cached_property
    def _in_aws(self) -> AwsRooms | None:
        if not self.uses_aws:
            return None
        return AwsRooms(self.config.aws, self.environ, self.clock, repository=self.repository)

    def _applications(self) -> "Applications":
        from eod.argocd.kubernetes_store import KubernetesApplications
        from eod.argocd.rest_store import ArgoCdApplications

        namespace = self.config.argocd.namespace
        server, token = self.environ.get("ARGOCD_SERVER", ""), self.environ.get("ARGOCD_AUTH_TOKEN", "")
        if server and token:
            store = ArgoCdApplications(server, token, namespace, self.clock)
            self._connections.append(store.close)
            return store
        return KubernetesApplications(self._kube, namespace)
