"""Takes apart what Terraform and its providers print: the diagnostics in it, and what each is about.

A message may be one diagnostic's text, a terminal's output with frames and colours, the log of a job, or lines of
a `-json` stream. It comes from outside: everything here is bounded, and nothing in it is interpreted further.
"""

import re
from typing import Final

import msgspec
from msgspec import Struct

from eod.terraform.references import INDEX

MESSAGE_LIMIT: Final = 20_000
"""Characters of a message that are looked at: of a longer one its two ends, as a log ends with its errors."""
DIAGNOSTIC_LIMIT: Final = 8_000
"""Characters of one diagnostic that are looked at."""
DIAGNOSTICS_LIMIT: Final = 25
"""Different diagnostics of one message that are looked at."""

_COLOUR: Final = re.compile(r"\x1b?\[\d{0,3}(?:;\d{1,3}){0,4}m")
_STAMP: Final = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ", re.MULTILINE)
_PREFIX: Final = re.compile(r"^[^│╷╵\n]{0,80}[│╷╵]", re.MULTILINE)
_HEAD: Final = re.compile(
    r"^[ \t>*|\-]{0,12}(?:##\[error\])?(Error: |Warning: |ERROR: |panic: |fatal error: |Two interrupts received)",
    re.MULTILINE,
)
_WITH: Final = re.compile(
    r"^\s{0,12}with ((?:module\.[^\s,]{1,200}\.)?[a-z][a-z0-9_]{0,80}\.[^\n]{1,300}),?\s*$", re.MULTILINE
)
_ON: Final = re.compile(
    r"^\s{0,12}on [^\n]{1,300}? line \d{1,6}(?:, in (?P<block>[^\n]{0,300}))?:?\s*$", re.MULTILINE
)
_CODE: Final = re.compile(r"^\s{0,12}\d{1,6}: [^\n]*$", re.MULTILINE)
_VALUES: Final = re.compile(r"^\s{0,12}(?:├─+|│ )[^\n]*$", re.MULTILINE)
_BLOCK: Final = re.compile(r'(?:resource|data) "([a-z][a-z0-9_]{0,80})"')
_STARRED: Final = re.compile(
    r"^\s{0,12}\* (?:module\.[\w.-]{1,100}\.)?([a-z][a-z0-9]{0,30}_[a-z0-9_]{1,60})\.[\w.-]{1,100}:", re.MULTILINE
)
_DONE: Final = re.compile(
    r"\b(?:module\.[\w-]{1,100}(?:\[[^\]\n]{1,100}\])?\.){0,10}"
    r"([a-z][a-z0-9]{0,30}_[a-z0-9_]{1,60})\.[^\s:]{1,200}: Creation complete"
)
_CALL: Final = re.compile(r"operation error [\w ]{1,60}: ([A-Z][a-z]{1,20})")
_SPACE: Final = re.compile(r"\s+")
_CAUSE_FOLLOWS: Final = re.compile(
    r"(for more information about providing credentials\.|The role ARN is not valid)\s{0,80}$"
)
"""Ends what the AWS provider and the S3 backend say before the cause, which has a head of its own."""
_CAUSE_REACH: Final = 160
"""Characters before a head in which that stands."""

_BY_CALL: Final = {
    **dict.fromkeys(("Delete", "Terminate", "Detach", "Disassociate", "Remove"), "destroy"),
    **dict.fromkeys(("Deregister", "Release", "Revoke"), "destroy"),
    **dict.fromkeys(("Get", "Describe", "List", "Head", "Lookup", "Search"), "plan"),
}  # fmt: skip
_VERBS: Final = (
    ("destroy", re.compile(
        r"\b(delet(e|ing|ion)|destroy(ing)?|detach(ing)?|disassociat(e|ing)|remov(e|ing)|terminat(e|ing)"
        r"|deregister(ing)?|revok(e|ing)|releas(e|ing) (EC2|EIP|address)|uninstall(ing|ation)?)\b",
        re.IGNORECASE)),
    ("apply", re.compile(
        r"\b(creat(e|ing|ion)|updat(e|ing)|modify(ing)?|put(ting)?|attach(ing)?|associat(e|ing)|setting|tagging"
        r"|register(ing)?|start(ing)?|install(ing|ation)?|enabl(e|ing)|replac(e|ing)|import(ing)?|apply(ing)?"
        r"|waiting|rollout|provisioner)\b", re.IGNORECASE)),
    ("init", re.compile(
        r"\b(provider packages|install provider|download module|backend|module registry|registry|lock file)\b",
        re.IGNORECASE)),
    ("plan", re.compile(
        r"\b(read(ing)?|describ(e|ing)|list(ing)?|get(ting)?|refresh(ing)?|fetch(ing)?|find(ing)?|retriev(e|ing))\b",
        re.IGNORECASE)),
)  # fmt: skip
_HEADLINE: Final = 160
"""Characters of a diagnostic in which its verb stands."""
_SECONDARY: Final = (
    "execution halted",
    "error applying plan:",
    "process completed with exit code",
    "terraform exited with code",
    "job failed: exit",
    "error: job failed",
    "exit status ",
    "the process '",
    "command failed with exit code",
)


class Said(Struct, frozen=True, kw_only=True):
    """One diagnostic: its words on one line, and what it is about, empty where it does not say.

    `operation` is init, plan, apply or destroy, by what was being done to the resource.
    """

    text: str
    resource_type: str = ""
    operation: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """What a message holds. `created_types` are types of which it says that a resource was created."""

    said: tuple[Said, ...]
    created_types: frozenset[str] = frozenset()


class _JsonDiagnostic(Struct, frozen=True):
    severity: str = "error"
    summary: str = ""
    detail: str = ""
    address: str = ""


class _JsonLine(Struct, frozen=True):
    diagnostic: _JsonDiagnostic | None = None


def read_message(message: str) -> Message:
    """Take a message apart: warnings and the secondary errors that only follow from others are left out."""
    text = _ends(message)
    streamed = _from_stream(text)
    if streamed:
        return Message(said=streamed)
    plain = _undecorated(text)
    parts = _parts(plain)
    return Message(
        said=tuple(read_diagnostic(part) for part in parts),
        created_types=frozenset(_DONE.findall(plain)),
    )


_END: Final = "\n"


def _ends(message: str) -> str:
    if len(message) <= MESSAGE_LIMIT:
        return message
    half = MESSAGE_LIMIT // 2
    first, last = message[:half], message[-half:]
    return f"{first.rpartition(_END)[0] or first}{_END}{last.partition(_END)[2] or last}"


def read_diagnostic(text: str) -> Said:
    """Read one diagnostic: where it is about, and its words without the lines of source code that it quotes."""
    plain = _undecorated(text[:DIAGNOSTIC_LIMIT])
    kind = _type_in(plain)
    words = _ON.sub("", _WITH.sub("", plain))
    if words != plain:
        words = _CODE.sub("", words)
    line = _SPACE.sub(" ", words).strip()
    return Said(text=line, resource_type=kind, operation=_operation_in(line))


def type_of(address: str) -> str:
    """The resource type in an address: `module.a["b.c"].data.aws_vpc.main` gives `aws_vpc`."""
    words = INDEX.sub("", address).split(".")
    while words[0] == "module" and len(words) > 2:  # noqa: PLR2004 - `module`, its name and something in it
        words = words[2:]
    return words[1] if words[0] == "data" and len(words) > 1 else words[0]


def _undecorated(text: str) -> str:
    plain = _STAMP.sub("", _COLOUR.sub("", text.replace("\r", "")))
    return _PREFIX.sub("", plain)


def _from_stream(text: str) -> tuple[Said, ...]:
    if '"diagnostic"' not in text:
        return ()
    said: list[Said] = []
    for line in text.splitlines():
        try:
            found = msgspec.json.decode(line.strip().encode(), type=_JsonLine).diagnostic
        except msgspec.MsgspecError:
            continue
        if found is not None and found.severity == "error":
            one = read_diagnostic(f"{found.summary}\n{found.detail}")
            kind = type_of(found.address) if found.address else one.resource_type
            said.append(msgspec.structs.replace(one, resource_type=kind))
    real = [one for one in said if one.text.lower() not in _SECONDARY]
    return tuple(real or said)[:DIAGNOSTICS_LIMIT]


def _parts(text: str) -> tuple[str, ...]:
    """Each error from its head to the next; all of it where no error has a head."""
    heads = [
        head
        for head in _HEAD.finditer(text)
        if not _CAUSE_FOLLOWS.search(text[max(0, head.start() - _CAUSE_REACH) : head.start()])
    ]
    if not heads:
        return (text,)
    ends = [head.start() for head in heads[1:]] + [len(text)]
    errors = [
        text[head.end() if head[1].lower() == "error: " else head.start(1) : end]
        for head, end in zip(heads, ends, strict=True)
        if head[1] != "Warning: "
    ]
    real = [part for part in errors if part.strip() and not part.strip().lower().startswith(_SECONDARY)]
    return tuple(dict.fromkeys(real or errors))[:DIAGNOSTICS_LIMIT] or (text,)


def _type_in(text: str) -> str:
    located = _WITH.search(text)
    if located is not None:
        return type_of(located[1])
    place = _ON.search(text)
    block = _BLOCK.search(place["block"] or "") if place is not None else None
    starred = _STARRED.search(text)
    return block[1] if block is not None else (starred[1] if starred is not None else "")


def _operation_in(line: str) -> str:
    call = _CALL.search(line)
    if call is not None:
        return _BY_CALL.get(call[1], "apply")
    headline = line[:_HEADLINE]
    found = [(match.start(), operation) for operation, verb in _VERBS if (match := verb.search(headline))]
    return min(found)[1] if found else ""
