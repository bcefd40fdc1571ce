"""The subcommands. Each reads its options, has the rooms built, and calls the lifecycle."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from eod import __version__
from eod.model.fault import Operation
from eod.model.tier import Tier

_TIERS = click.Choice([str(tier) for tier in Tier])
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
_PULL = click.option("--pr", "pr_number", type=click.IntRange(min=1), required=True, help="The pull request.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="eod")
def cli() -> None:
    """An environment on demand for every pull request."""


def _surroundings(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--repository", default="", metavar="OWNER/NAME", help="Default: the remote `origin`."),
        click.option("--config", "config_path", type=click.Path(path_type=Path), help="Default: .github/eod.yml."),
        click.option("--kube-context", default="", help="Context of the kubeconfig; default: its current one."),
        click.option("--terraform-binary", default="", help="Default: `terraform.binary` of the configuration."),
        click.option("--records-remote", default="", help="Another repository (URL or path) for the records."),
        click.option("-v", "--verbose", is_flag=True, help="Say more."),
    ):
        command = option(command)
    return command


@cli.command()
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="A clone; default: here.")
@click.option("--base", required=True, help="The base branch's commit.")
@click.option("--head", required=True, help="The pull request's commit.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Default: the base commit's.")
@click.option("--label", "labels", multiple=True, help="A label of the pull request; may be repeated.")
@click.option("--tier", type=_TIERS, help="Force a tier, as the action's input does.")
@click.option("--explain", "explained", metavar="PATH", help="Tell what was asked about one changed file.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the evidence as the comment shows it.")
@_JSON
def classify(
    *,
    repo: Path,
    base: str,
    head: str,
    config_path: Path | None,
    labels: tuple[str, ...],
    tier: str | None,
    explained: str | None,
    as_markdown: bool,
    as_json: bool,
) -> None:
    """Choose the tier for what HEAD changes, and say why. Needs no network and no credentials."""
    from eod.cli.classify import Asked, Classification, show

    asked = Asked(repository=repo, base=base, head=head, config=config_path, labels=labels, tier=tier)
    with (
        tempfile.TemporaryDirectory(prefix="eod-") as state,
        Classification(os.environ, asked, Path(state)) as classification,
    ):
        click.echo(show(classification, explained=explained, markdown=as_markdown, as_json=as_json))


@cli.command()
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="A clone; default: here.")
@click.option("--tip", default="HEAD", show_default=True, help="The branch whose history is replayed.")
@click.option("--since", default="90d", show_default=True, help="How far back: a number and h, d, w, m or y.")
@click.option(
    "--first-parent/--merges",
    "squashed",
    default=True,
    help="Every commit of the branch is a change (squash merges too), or only merge commits are.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=5000, show_default=True, help="At most so many changes."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one for each core.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Default: the tip's.")
@click.option("--against", type=click.Path(path_type=Path), help="Another configuration to compare with.")
@click.option("--cache", type=click.Path(path_type=Path), help="Where verdicts are kept for the next run.")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Also write a page with charts.")
@_JSON
def simulate(
    *,
    repo: Path,
    tip: str,
    since: str,
    squashed: bool,
    limit: int,
    jobs: int | None,
    config_path: Path | None,
    against: Path | None,
    cache: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Replay the repository's own history: what its changes would have waited and cost."""
    from eod.cli.simulate import Wish, show
    from eod.git.history import Walk

    wish = Wish(
        repository=repo,
        tip=tip,
        since=since,
        walk=Walk.FIRST_PARENT if squashed else Walk.MERGES,
        limit=limit,
        jobs=jobs,
        config=config_path,
        against=against,
        cache=cache,
    )
    click.echo(show(wish, os.environ, page=page, as_json=as_json))


@cli.command()
@click.option(
    "--operation",
    type=click.Choice([str(operation) for operation in Operation]),
    help="What Terraform was doing; default: what the message says.",
)
@click.option("--type", "resource_type", default="", metavar="TYPE", help="The resource's type, such as aws_lb.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Default: .github/eod.yml, if any.")
@_JSON
def fault(*, operation: str | None, resource_type: str, config_path: Path | None, as_json: bool) -> None:
    """Say what a message of Terraform on standard input is, and whether it may be tried again.

    Needs no network and no credentials. Of several errors in it, the worst decides.
    """
    from eod.cli.fault import answer_json, answer_text, judge

    found = judge(
        sys.stdin.buffer,
        operation=operation or "",
        resource_type=resource_type,
        config=config_path,
    )
    click.echo(answer_json(found) if as_json else answer_text(found))


@cli.command()
@_PULL
@click.option("--tier", type=_TIERS, help="Force a tier.")
@click.option("--image-tag", default="", help="Default: the head commit.")
@_surroundings
@_JSON
def up(pr_number: int, tier: str | None, image_tag: str, *, as_json: bool, **surroundings: object) -> None:
    """Give a pull request its environment, or bring the one it has up to date."""
    from eod.cli.running import Until, run_up

    run_up(pr_number, Until.READY, tier=tier, image_tag=image_tag, as_json=as_json, **surroundings)


@cli.command()
@_PULL
@click.option("--tier", type=_TIERS, help="Force a tier.")
@click.option("--image-tag", default="", help="Default: the head commit.")
@_surroundings
@_JSON
def plan(pr_number: int, tier: str | None, image_tag: str, *, as_json: bool, **surroundings: object) -> None:
    """Choose the tier and show Terraform's plan; create nothing, write nothing down."""
    from eod.cli.running import Until, run_up

    run_up(pr_number, Until.PLANNED, tier=tier, image_tag=image_tag, as_json=as_json, **surroundings)


@cli.command()
@_PULL
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@_surroundings
@_JSON
def down(pr_number: int, *, dry_run: bool, as_json: bool, **surroundings: object) -> None:
    """Tear a pull request's environment down, and prove that nothing is left."""
    from eod.cli.running import run_down

    run_down(pr_number, dry_run=dry_run, as_json=as_json, **surroundings)


@cli.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@_surroundings
@_JSON
def sweep(*, dry_run: bool, as_json: bool, **surroundings: object) -> None:
    """Tear down what is expired, closed without an event, orphaned or stuck."""
    from eod.cli.running import run_sweep

    run_sweep(dry_run=dry_run, as_json=as_json, **surroundings)


@cli.command()
@_PULL
@_surroundings
@_JSON
def status(pr_number: int, *, as_json: bool, **surroundings: object) -> None:
    """Show one environment, from its record."""
    from eod.cli.running import show_status

    show_status(pr_number, as_json=as_json, **surroundings)


@cli.command("list")
@_surroundings
@_JSON
def list_(*, as_json: bool, **surroundings: object) -> None:
    """Show all environments, from their records."""
    from eod.cli.running import show_list

    show_list(as_json=as_json, **surroundings)


@cli.command()
@_surroundings
@_JSON
def doctor(*, as_json: bool, **surroundings: object) -> None:
    """Check credentials, backend, cluster, Argo CD, DNS and permissions; say what to do where one fails."""
    from eod.cli.running import run_doctor

    run_doctor(as_json=as_json, **surroundings)


@cli.command(hidden=True)
def action() -> None:
    """Do what the workflow run's event and the action's inputs ask for."""
    from eod.cli.action import run_action

    run_action(os.environ)


@cli.command(hidden=True)
def drain() -> None:
    """Wait for a Terraform that a cancelled step left to finish, then write down how it went."""
    from eod.cli.draining import run_drain

    run_drain(os.environ)
