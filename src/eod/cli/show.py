"""What the command line prints for people. Texts from outside are shown without their control characters."""

from collections.abc import Iterable

from eod.model.record import Lease, Record
from eod.reports.printable import plain
from eod.reports.wording import overruled


def records_text(records: Iterable[Record]) -> str:
    """One line an environment."""
    rows = [("environment", "phase", "tier", "owner", "expires", "url")]
    rows += [
        (
            record.environment,
            str(record.phase),
            str(record.tier),
            plain(record.owner),
            "" if record.expires_at is None else f"{record.expires_at:%Y-%m-%d %H:%M}",
            record.url,
        )
        for record in records
    ]
    if len(rows) == 1:
        return "There are no environments."
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = (zip(row, widths, strict=True) for row in rows)
    return "\n".join("  ".join(text.ljust(width) for text, width in row).rstrip() for row in padded)


def record_text(record: Record) -> str:
    """One environment, a fact a line."""
    facts = [
        ("environment", record.environment),
        ("pull request", f"#{record.pr_number} {record.pr_url}"),
        ("phase", str(record.phase)),
        ("tier", str(record.tier)),
        ("overruled", "" if record.overrule is None else overruled(record.overrule, plain)),
        ("owner", plain(record.owner)),
        ("url", record.url),
        ("namespace", record.namespace),
        ("commit", record.head_sha),
        ("plan", record.plan_summary),
        ("usable after", "" if record.ready_seconds is None else f"{record.ready_seconds:.0f} s"),
        ("costs", "" if record.cost_per_day is None else f"${record.cost_per_day:.2f} a day"),
        ("expires", "" if record.expires_at is None else f"{record.expires_at:%Y-%m-%d %H:%M} UTC"),
        ("last run", record.run.url),
        ("at work", "" if record.lease is None else _at_work(record.lease)),
    ]
    if record.failure is not None:
        facts += [
            ("failed in", record.failure.step),
            ("because", record.failure.what),
            ("fix", record.failure.fix),
        ]
    return "\n".join(f"{name:<13} {value}" for name, value in facts if value)


def _at_work(lease: Lease) -> str:
    return f"{lease.run.url or lease.run.id} since {lease.since:%Y-%m-%d %H:%M} UTC"
