"""`python -m benchmarks.plan_summary [--resources 5000]`: what it takes to sum up a large plan.

The plan is generated: modules of databases, queues, buckets, records and roles that refer to one another, with
about 2 kB of attributes each, as real resources have. Measured is everything from the file with what `show -json`
printed to summary, gates, graph, estimate, fingerprints, policies and secrets, in a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click

_PARTS = (
    ("aws_security_group", ()),
    ("aws_iam_role", ()),
    ("aws_s3_bucket", ()),
    ("aws_sqs_queue", ("aws_iam_role",)),
    ("aws_rds_cluster", ("aws_security_group",)),
    ("aws_secretsmanager_secret", ("aws_rds_cluster",)),
    ("aws_cloudfront_distribution", ("aws_s3_bucket",)),
    ("aws_route53_record", ("aws_cloudfront_distribution",)),
    ("aws_lb", ("aws_security_group",)),
    ("aws_ssm_parameter", ("aws_sqs_queue", "aws_rds_cluster")),
)


@click.command(help=__doc__)
@click.option("--resources", default=5_000, show_default=True)
@click.option("--measure", type=click.Path(path_type=Path), hidden=True, help="Sum this file up, in this process.")
def main(resources: int, measure: Path | None) -> None:
    """Generate a plan, and measure another process that sums it up."""
    if measure is not None:
        _measure(measure)
        return
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(generated(resources))
        file.flush()
        command = [sys.executable, "-m", "benchmarks.plan_summary", "--measure", file.name]
        raise SystemExit(subprocess.run(command, check=False).returncode)


def _measure(file: Path) -> None:
    began = time.perf_counter()
    printed = file.read_bytes()
    facts = sum_up(printed)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"{len(printed) / 1e6:.1f} MB of JSON: {facts}")
    click.echo(f"{took:.2f} s, {time.process_time():.2f} s of CPU with the start; {peak:.0f} MB of memory at most")


def sum_up(printed: bytes) -> str:
    """What `eod` makes of a plan; told in one line."""
    from eod.forecast import Progress, estimate
    from eod.model.learned import History
    from eod.terraform.adoption import creations_of
    from eod.terraform.exposures import exposures_of
    from eod.terraform.fingerprints import fingerprints_of
    from eod.terraform.gates import gates_of
    from eod.terraform.graph import graph_of
    from eod.terraform.plan_json import decode_plan
    from eod.terraform.references import edges_of
    from eod.terraform.sensitive import KnownSecrets, sensitive_in_plan
    from eod.terraform.summary import changes_of, summary_of

    plan = decode_plan(printed)
    hidden: list[str] = []
    KnownSecrets(hidden.extend, lambda _line: None).learn(sensitive_in_plan(plan))
    edges = list(edges_of(plan.configuration))
    gates = gates_of(plan, edges, {})
    graph = graph_of(plan, edges, gates)
    summary, changes = summary_of(plan), changes_of(plan)
    compared = fingerprints_of(plan, bytes(32))
    named, public = creations_of(plan), exposures_of(plan)
    progress = Progress(follow=("sync", "answer"))
    expected = estimate(graph, History(), progress, parallelism=20, now=datetime.now(UTC))
    return (
        f"{summary.line}; {len(changes)} changes, {len(gates)} gates, {len(graph)} nodes, "
        f"{len(compared)} compared, {len(named)} named, {len(public)} public, {len(hidden)} hidden, "
        f"usable in {expected.usable.typical / 60:.0f} min"
    )


def generated(wanted: int) -> bytes:
    """A plan with so many resources, each of them in the configuration too."""
    changes, calls = [], {}
    for number in range(-(-wanted // len(_PARTS))):
        name = f"part{number}"
        calls[name] = {"module": {"resources": [_configured(*part) for part in _PARTS]}}
        changes += [_change(f"module.{name}.{kind}.this", kind) for kind, _ in _PARTS]
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [change["change"]["after"] for change in changes]}},
        "resource_changes": changes[:wanted],
        "configuration": {"root_module": {"module_calls": calls}},
    }
    return json.dumps(document).encode()


def _configured(kind: str, used: tuple[str, ...]) -> dict[str, object]:
    expressions = {f"a{n}": {"references": [f"{one}.this.id", f"{one}.this"]} for n, one in enumerate(used)}
    constants = {f"c{n}": {"constant_value": "x" * 20} for n in range(10)}
    return {"address": f"{kind}.this", "mode": "managed", "type": kind, "expressions": expressions | constants}


def _change(address: str, kind: str) -> dict[str, dict[str, object]]:
    after: dict[str, object] = {f"attribute_{n}": "x" * 40 for n in range(40)}
    if kind == "aws_cloudfront_distribution":
        after["wait_for_deployment"] = True
    mask: dict[str, bool] = {}
    if kind == "aws_rds_cluster":
        after["master_password"], mask["master_password"] = f"a password of {address}", True
    if kind == "aws_s3_bucket":
        after["bucket"], after["acl"] = f"bucket-of-{address}", "private"
    facts: dict[str, object] = {"actions": ["create"], "before": None, "after": after, "after_sensitive": mask}
    return {"address": address, "mode": "managed", "type": kind, "change": facts}  # type: ignore[dict-item]


if __name__ == "__main__":
    main()
