"""The action's inputs and outputs: one table, parsed here, from which `action.yml` and the README are made."""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from eod.errors import UsageError
from eod.model.tier import Tier


class Command(StrEnum):
    """What the action can be asked to do."""

    AUTO = "auto"
    CLASSIFY = "classify"
    PLAN = "plan"
    UP = "up"
    DOWN = "down"
    SWEEP = "sweep"
    STATUS = "status"


class LogLevel(StrEnum):
    """How much the log says."""

    NORMAL = "normal"
    DEBUG = "debug"


class Input(Struct, frozen=True, kw_only=True):
    """One input of the action. `default` is what `action.yml` declares; an empty text means "not given"."""

    name: str
    description: str
    default: str = ""
    required: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that `action.yml` maps it to: composite steps get no `INPUT_*` on GitHub."""
        return "EOD_" + self.name.replace("-", "_").upper()


class Output(Struct, frozen=True, kw_only=True):
    """One output of the action."""

    name: str
    description: str


INPUTS: tuple[Input, ...] = (
    Input(
        name="command",
        description="What to do: `auto` follows from the event; else `classify`, `plan`, `up`, `down`, `sweep` or "
        "`status`.",
        default="auto",
    ),
    Input(
        name="config",
        description="The configuration, from the repository's root; read from the base branch.",
        default=".github/eod.yml",
    ),
    Input(
        name="github-token",
        description="Token for pull requests, comments, deployments and the records branch.",
        default="${{ github.token }}",
    ),
    Input(
        name="tier",
        description="Force a tier instead of choosing it from the diff: `none`, `lightweight`, `frontend`, "
        "`database` or `full`.",
    ),
    Input(
        name="pr-number",
        description="The pull request, where the event does not say it (`workflow_dispatch`, `schedule`).",
    ),
    Input(
        name="dry-run",
        description="`true`: say what `down` or `sweep` would do, and do nothing.",
        default="false",
    ),
    Input(
        name="terraform-binary",
        description="`terraform`, `tofu` or a path; default: `terraform.binary` of the configuration.",
    ),
    Input(
        name="kube-context",
        description="Context of the kubeconfig; default: its current one.",
    ),
    Input(
        name="image-tag",
        description="Tag of the images that the pull request's build pushed; default: the head commit.",
    ),
    Input(
        name="working-directory",
        description="The checkout to work in, from the workspace.",
        default=".",
    ),
    Input(
        name="records-remote",
        description="Another repository (URL or path) for the records; default: `records.remote` of the "
        "configuration, else this repository.",
    ),
    Input(
        name="log-level",
        description="`normal` or `debug`.",
        default="normal",
    ),
)

OUTPUTS: tuple[Output, ...] = (
    Output(name="tier", description="The tier that was chosen."),
    Output(
        name="phase",
        description="Where the environment is in its life: `ready`, `failed`, `destroyed`, …; or empty.",
    ),
    Output(name="environment", description="The environment's name, for instance `pr-123`."),
    Output(name="url", description="Where it answers; empty until it is ready."),
    Output(name="namespace", description="Its Kubernetes namespace."),
    Output(name="plan-summary", description="One line: `12 to add, 0 to change, 0 to destroy`."),
    Output(
        name="terraform-outputs",
        description="Terraform's outputs that are not sensitive, as one JSON object; empty where none are known.",
    ),
    Output(name="ready-seconds", description="Seconds from the start of the run until it was ready."),
    Output(name="cost-per-day", description="Estimated US dollars a day."),
    Output(name="expires-at", description="When the sweep removes it, UTC (ISO 8601)."),
    Output(name="certificate", description="After a teardown: the death certificate as JSON."),
    Output(name="verdict-json", description="The verdict with its evidence as JSON."),
)


class Inputs(Struct, frozen=True, kw_only=True):
    """The inputs, checked. Empty texts and `None` mean "not given"."""

    command: Command = Command.AUTO
    config: str = ".github/eod.yml"
    github_token: str = ""
    tier: Tier | None = None
    pr_number: int | None = None
    dry_run: bool = False
    terraform_binary: str = ""
    kube_context: str = ""
    image_tag: str = ""
    working_directory: str = "."
    records_remote: str = ""
    log_level: LogLevel = LogLevel.NORMAL

    def __repr__(self) -> str:
        """Without the token: a repr ends up in logs."""
        return f"Inputs(command={self.command!s}, pr_number={self.pr_number}, config={self.config!r}, …)"


def parse_inputs(environ: Mapping[str, str]) -> Inputs:
    """Check what `action.yml` passed on as `EOD_*`: GitHub itself checks neither types nor `required`.

    Raises:
        UsageError: A value is not one that the input takes.
    """
    given = {one.name: environ.get(one.variable, "").strip() for one in INPUTS}
    return Inputs(
        command=_choice("command", given["command"] or "auto", Command),
        config=given["config"] or ".github/eod.yml",
        github_token=given["github-token"],
        tier=_choice("tier", given["tier"], Tier) if given["tier"] else None,
        pr_number=_number("pr-number", given["pr-number"]) if given["pr-number"] else None,
        dry_run=_truth("dry-run", given["dry-run"] or "false"),
        terraform_binary=given["terraform-binary"],
        kube_context=given["kube-context"],
        image_tag=given["image-tag"],
        working_directory=given["working-directory"] or ".",
        records_remote=given["records-remote"],
        log_level=_choice("log-level", given["log-level"] or "normal", LogLevel),
    )


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(name: str, value: str, choices: type[_Choice]) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        raise _refused(name, value, tuple(str(choice) for choice in choices)) from None


def _truth(name: str, value: str) -> bool:
    if value not in {"true", "false"}:
        raise _refused(name, value, ("true", "false"))
    return value == "true"


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value[:12]) == int(value)):
        raise UsageError(
            f"The input `{name}` is {value!r}, which is no pull request's number.",
            fix="Pass a positive number, for instance `${{ github.event.pull_request.number }}`, or leave it out.",
        )
    return int(value)


def _refused(name: str, value: str, choices: tuple[str, ...]) -> UsageError:
    nearest = get_close_matches(value.lower(), choices, n=1, cutoff=0.5)
    meant = f"Did you mean `{nearest[0]}`? " if nearest else ""
    return UsageError(
        f"The input `{name}` is {value!r}, which it does not take.",
        fix=f"{meant}It takes {', '.join(f'`{choice}`' for choice in choices)}.",
    )
