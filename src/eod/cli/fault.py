"""`eod fault`: what we make of a message of Terraform; needs no network and no credentials."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct, field

from eod.cli.reading import DEFAULT_CONFIG, read_text
from eod.config.loader import load
from eod.errors import UsageError
from eod.model.fault import FaultClass
from eod.reports.printable import plain
from eod.terraform.faults import Fault, FaultRule, classify
from eod.terraform.messages import MESSAGE_LIMIT
from eod.terraform.own_faults import own_rules

_BYTES: Final = 4 * MESSAGE_LIMIT
"""Bytes of each end of a message that are kept."""
_READ_LIMIT: Final = 256 * 1024 * 1024


class Answer(Struct, frozen=True, kw_only=True):
    """What `--json` prints.

    `action` begins with one word: retry, wait, replan, adopt, unblock, recover or stop.
    """

    fault_class: str = field(name="class")
    rule: str
    action: str
    reason: str


def judge(
    stream: BinaryIO,
    *,
    operation: str,
    resource_type: str,
    config: Path | None,
) -> Fault:
    """Read a message and say what it is.

    Raises:
        UsageError: There is no message, or `config` cannot be read.
        ConfigError: The configuration cannot be used.
    """
    rules = _own(config)
    message = _read(stream).decode("utf-8", "replace")
    if not message.strip():
        raise UsageError(
            "There is no message on standard input.",
            fix="For instance: terraform apply 2>&1 | tee apply.log; eod fault < apply.log",
        )
    return classify(message, resource_type, operation, extra=rules)


def _read(stream: BinaryIO) -> bytes:
    """Both ends of a stream, in little memory; what comes after the limit is not read."""
    first, last, read = stream.read(_BYTES), b"", _BYTES
    while read < _READ_LIMIT and (chunk := stream.read(_BYTES)):
        last, read = (last + chunk)[-_BYTES:], read + len(chunk)
    return first + last


def answer(fault: Fault) -> Answer:
    """The fault in four words."""
    return Answer(
        fault_class=str(fault.fault_class), rule=fault.rule, action=action_of(fault), reason=fault.reason
    )


def answer_json(fault: Fault) -> str:
    """The fault as one JSON document."""
    return msgspec.json.encode(answer(fault)).decode()


def answer_text(fault: Fault) -> str:
    """The fault for people. What comes from the message is shown without its control characters."""
    said = answer(fault)
    facts: Mapping[str, str] = {
        "class": said.fault_class,
        "rule": said.rule,
        "reason": said.reason,
        "action": said.action,
    }
    width = max(map(len, facts)) + 2
    lines = []
    for name, value in facts.items():
        first, *more = value.splitlines() or [""]
        lines += [f"{name:<{width}}{plain(first)}", *(f"{'':<{width}}{plain(line)}" for line in more)]
    return "\n".join(lines)


def action_of(fault: Fault) -> str:
    """What to do, its first word stable."""
    if fault.retryable:
        verb = "replan" if fault.fault_class is FaultClass.REPLAN else "retry"
        times = "once" if fault.attempts == 1 else f"up to {fault.attempts} times"
        lower = ", with half the parallelism" if fault.lower_parallelism else ""
        return f"{verb}: {times}, {fault.delay:g} s apart at first{lower}.{_then(fault.fix)}"
    return f"{_VERBS[fault.fault_class]}: {fault.fix}"


def _then(fix: str) -> str:
    return f" {fix}" if fix else ""


_VERBS: Final = {
    FaultClass.TRANSIENT: "wait",
    FaultClass.CONFLICT: "wait",
    FaultClass.REPLAN: "replan",
    FaultClass.ORPHAN: "adopt",
    FaultClass.BLOCKED: "unblock",
    FaultClass.LOST_STATE: "recover",
    FaultClass.PERMANENT: "stop",
}


def _own(config: Path | None) -> tuple[FaultRule, ...]:
    path = config or Path(DEFAULT_CONFIG)
    if config is None and not path.is_file():
        return ()
    terraform = load(read_text(path), str(path)).terraform
    return () if terraform is None else own_rules(terraform.faults, str(path))
