"""Every error that a user can meet: what happened, why, what to do next, and the exit code it ends in."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WAITING_FOR_APPROVAL = 3
    REFUSED_BY_POLICY = 4
    CANCELLED = 130


class EodError(Exception):
    """Something went wrong in a way that we can explain.

    Args:
        what: What happened, in one sentence.
        why: The likely cause.
        fix: What the reader should do next.
        where: `file:line`, a resource's address or a URL, where one is known.
        detail: What the other side said, word by word: several lines, untrusted.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, what: str, *, why: str = "", fix: str = "", where: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.where = where
        self.detail = detail
        self.reported = False
        """Whether people have been told already, in the log and wherever else they look."""

    def __str__(self) -> str:
        """The message as a terminal or log shows it."""
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.detail:
            lines += [f"  | {line}" for line in self.detail.rstrip().splitlines()]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class UsageError(EodError):
    """The command line, an input of the action or the event cannot be used."""

    exit_code = ExitCode.USAGE


class ConfigError(EodError):
    """`.github/eod.yml` cannot be used."""

    exit_code = ExitCode.USAGE


class CredentialsError(EodError):
    """A token or role is missing, expired, or not allowed to do what is needed."""


class NotFoundError(EodError):
    """What was asked for does not exist."""


class GitError(EodError):
    """`git` refused or failed."""


class GitHubError(EodError):
    """GitHub answered with an error that will not pass."""


class RecordError(EodError):
    """An environment's record is damaged, or was to move to a phase that it cannot reach."""


class HeldError(EodError):
    """Another run is at work on the environment."""


class TerraformError(EodError):
    """Terraform refused or failed."""


class TerraformUsageError(TerraformError):
    """The binary, the root module or its backend cannot be used: the user has to change it."""

    exit_code = ExitCode.USAGE


class StateLockedError(TerraformError):
    """Another run holds the lock of this environment's state."""


class StateDamagedError(TerraformError):
    """The environment's state is there and cannot be read as one."""


class PlanFailedError(TerraformError):
    """`terraform plan` reported errors."""


class ApplyFailedError(TerraformError):
    """`terraform apply` or `destroy` reported errors that will not pass."""


class ClusterError(EodError):
    """The Kubernetes API is unreachable, or refused."""


class NamespaceStuckError(ClusterError):
    """A namespace does not go away; the message says which objects hold it."""


class ArgoCdError(EodError):
    """Argo CD is not installed, unreachable, or refused."""


class NotHealthyError(ArgoCdError):
    """The application did not become healthy at the expected revision in time."""


class AwsError(EodError):
    """AWS answered with an error that will not pass."""


class NotReachableError(EodError):
    """The environment's URL did not answer as expected in time."""


class LeftoversError(EodError):
    """After a teardown something is still there; the message lists it."""


class SweepStoppedError(EodError):
    """The safety brake: what the sweep would do is implausible, so it did nothing."""


class PolicyRefusedError(EodError):
    """A guardrail refuses the plan."""

    exit_code = ExitCode.REFUSED_BY_POLICY


class ApprovalRequiredError(EodError):
    """A person has to approve before anything is created."""

    exit_code = ExitCode.WAITING_FOR_APPROVAL


class UnapprovedChangeError(ApprovalRequiredError):
    """A second plan would do more than was approved: a person has to look at it first."""


class SupersededError(EodError):
    """A newer commit was pushed while this run worked; the newer commit's run goes on."""

    exit_code = ExitCode.DONE


class CancelledError(EodError):
    """The run was interrupted."""

    exit_code = ExitCode.CANCELLED
