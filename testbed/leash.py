"""Run a program that cannot outlive its parent: `python leash.py PARENT_PID PROGRAM ARGUMENT…`.

Started by its path and not as a module, so that nothing but the standard library is loaded before the
program takes this process over. Where the kernel has no such service (it is Linux's), the program just runs.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel to kill us when the parent goes, then become the program."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit("the parent has gone before the program could start")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
