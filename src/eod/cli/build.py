"""The real rooms, each built when it is first asked for. The only place that knows concrete clients."""

import socket
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs

from eod.aws.region import REGION_VARIABLES, region_of, sdk_region_of
from eod.cli.clock import SystemClock
from eod.cli.parts import make_client, make_records, make_source, secrets_in
from eod.cli.settings import Settings, is_process_over
from eod.config import ArgoCdMode, Config
from eod.config.placeholders import fill
from eod.errors import NotReachableError
from eod.git.source import GitSource
from eod.hcl.parser import HclProcess
from eod.interrupts import Interrupts
from eod.lifecycle.made import config_where_made
from eod.lifecycle.place import backend_of, place_of, placeholders
from eod.model.record import CloudRecord, Record, Run, SharedCdn

if TYPE_CHECKING:
    from eod.argocd.delivery import Delivery
    from eod.argocd.ports import Applications
    from eod.aws.cdn import CloudFront
    from eod.aws.clearing import TagClearer
    from eod.aws.inventory import TagInventory
    from eod.aws.removal import TagRemover
    from eod.aws.session import AwsSession
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


DOCTOR_NUMBER = 999_999_999
"""A pull request that no repository reaches: the doctor's state key must be nobody's."""


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
        for name in ("delivery", "terraform", "inventory", "remover", "clearer", "move_state", "cdn", "_aws"):
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
        from eod.terraform.own_faults import own_rules
        from eod.terraform.runner import TerraformRunner
        from eod.terraform.settings import Settings as TerraformSettings

        made = TerraformRunner(
            settings=TerraformSettings(
                binary=self.settings.terraform_binary or terraform.binary,
                parallelism=terraform.parallelism,
                lock_timeout_seconds=terraform.lock_timeout_seconds,
                timeout_minutes=terraform.timeout_minutes,
                allow_local_state=terraform.allow_local_state,
                gates=terraform.gates,
                faults=own_rules(terraform.faults),
                retries=terraform.retries,
            ),
            interrupts=self.signals,
            environ=self.environ,
            state_directory=self.settings.state_directory / "terraform",
            say=self.runner.say,
            clock=self.clock,
            hide=self.hide,
            machine=self.settings.run.machine,
        )
        self._connections.append(made.close)
        return made

    @cached_property
    def inventory(self) -> "TagInventory | None":
        """What AWS holds."""
        if not self.uses_aws:
            return None
        from eod.aws.inventory import TagInventory

        aws = self.config.aws
        return TagInventory(
            self._aws,
            repository=self.repository,
            regions=aws.regions,
            tag_prefix=aws.tag_prefix,
            hosted_zone=aws.hosted_zone,
        )

    @cached_property
    def remover(self) -> "TagRemover | None":
        """Deletes what is in no state."""
        if not self.uses_aws:
            return None
        from eod.aws.removal import TagRemover

        return TagRemover(self._aws, clock=self.clock, hosted_zone=self.config.aws.hosted_zone)

    @cached_property
    def clearer(self) -> "TagClearer | None":
        """Clears away what is in the way."""
        if not self.uses_aws:
            return None
        from eod.aws.clearing import TagClearer

        aws = self.config.aws
        return TagClearer(
            self._aws,
            clock=self.clock,
            repository=self.repository,
            regions=aws.regions,
            tag_prefix=aws.tag_prefix,
        )

    @cached_property
    def move_state(self) -> "StateMover | None":
        """Moves a damaged state aside."""
        if not self.uses_aws:
            return None
        from eod.aws.states import StateMover

        return StateMover(self._aws, clock=self.clock)

    @cached_property
    def cdn(self) -> "CloudFront | None":
        """CloudFront, at teardown."""
        if not self.uses_aws:
            return None
        from eod.aws.cdn import CloudFront

        def filled(text: str, environment: str) -> str:
            return fill(text, {"environment": environment, "name": environment})

        return CloudFront(self._aws, shared=self.config.aws.cdn, fill=filled, clock=self.clock)

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

    def terraform_version(self) -> str:
        """The engine and its version.

        Raises:
            TerraformError: It is missing or too old.
        """
        terraform = self.terraform
        return "not used" if terraform is None else f"{terraform.engine.product} {terraform.engine.version}"

    def check_backend(self) -> str:
        """Whether the module's providers and its backend can be had, with a state of its own that stays empty.

        Raises:
            EodError: They cannot.
        """
        terraform, settings = self.terraform, self.config.terraform
        if terraform is None or settings is None:
            return "not used"
        place = place_of(self.config, self.repository, DOCTOR_NUMBER)
        values = placeholders(self.config, place, owner="doctor", tier="full", head_sha="", head_ref="")
        directory = fill(settings.directory, values)
        terraform.workspace(
            environment=place.environment,
            root=self.source.checkout(self.base_commit) / directory,
            commit=self.base_commit,
            backend=backend_of(self.config, values),
            variables={},
            tags={},
            directory=directory,
        ).check()
        return f"{directory} initialises"

    def check_permissions(self) -> str:
        """Whether the token may write what a run writes.

        Raises:
            CredentialsError: It may not.
        """
        return self.forge.check_permissions()

    def check_dns(self) -> str:
        """Whether a name under the domain resolves: with a wildcard record no pull request waits for DNS.

        Raises:
            NotReachableError: It does not.
        """
        name = f"eod-doctor.{self.config.domain}"
        try:
            socket.getaddrinfo(name, None)
        except OSError as error:
            raise NotReachableError(
                f"{name} does not resolve.",
                why="There is no wildcard record for the domain.",
                fix=f"Add a record *.{self.config.domain}, or let the module make one for each environment.",
            ) from error
        return f"*.{self.config.domain} resolves"

    @cached_property
    def _kube(self) -> "KubeApi":
        from eod.cluster.api import KubeApi
        from eod.cluster.connect import connect

        api = KubeApi(connect(self.environ, self.settings.kube_context or None), self.clock)
        self._connections.append(api.close)
        return api

    @cached_property
    def _aws(self) -> "AwsSession":
        from eod.aws.session import AwsSession

        return AwsSession(self.environ, self.config.aws.region)

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
