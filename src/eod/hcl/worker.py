"""Parses HCL documents that come in on standard input. Run as a script, in a process of its own.

python-hcl2 has hung on odd input before, and what it reads was written by the author of a pull request. This
process imports nothing of ours and is started by its path in isolated mode, so that no module of a checkout can
take a library's place; its memory, its processor time and that of each document are bounded by the arguments.

A document comes as its length (four bytes, big-endian) and its UTF-8 text. The answer comes in the same form: the
document as JSON, or nothing where it does not parse.
"""

import json
import resource
import signal
import struct
import sys
from typing import BinaryIO, Final

_LENGTH: Final = struct.Struct(">I")
_DEPTH: Final = 1_500
"""Frames of the interpreter: a document that nests deeper than any person writes does not parse."""


def serve(documents: BinaryIO, answers: BinaryIO, seconds: float) -> None:
    """Answer until there are no more documents; the process ends where one takes more processor time than this."""
    import hcl2

    options = hcl2.SerializationOptions(with_comments=False)
    # The first document loads the grammar: not while somebody waits.
    hcl2.loads("ready = true\n", serialization_options=options)
    while True:
        header = documents.read(_LENGTH.size)
        if len(header) < _LENGTH.size:
            return
        text = documents.read(_LENGTH.unpack(header)[0])
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = json.dumps(hcl2.loads(text.decode() + "\n", serialization_options=options)).encode()
        except Exception:  # noqa: BLE001  # the parser raises whatever its grammar meets
            answer = b""
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _bound(megabytes: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # whoever started us may ignore it
    try:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    except (OSError, ValueError):  # macOS knows no such limit
        return


if __name__ == "__main__":
    _bound(int(sys.argv[1]), int(sys.argv[2]))
    sys.setrecursionlimit(_DEPTH)
    serve(sys.stdin.buffer, sys.stdout.buffer, float(sys.argv[3]))
