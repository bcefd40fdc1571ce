"""`python -m eod`."""

import signal
import sys

from eod.cli import run
from eod.errors import ExitCode


def main() -> None:
    """Run the command line and end the process with its exit code."""
    code = run()
    if code == ExitCode.CANCELLED:
        # The runner's second signal may come while the interpreter shuts down, when nobody handles it any more.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


if __name__ == "__main__":
    main()
