"""What git's words mean: the cause, what to do next, and whether it may pass. The first match counts.

The words are those of git 2.30 to 2.50 in the C locale and of github.com.
"""

import re
from typing import Final

from msgspec import Struct

from eod.errors import CredentialsError, EodError, GitError


class TransientGitError(GitError):
    """The network or the server failed in a way that may pass."""

    transient = True


class _Fault(Struct, frozen=True):
    pattern: str
    error: type[EodError]
    what: str
    why: str
    fix: str


_FAULTS: Final = (
    _Fault(
        r"Write access to repository not granted|Permission to .* denied|The requested URL returned error: 403"
        r"|refusing to allow .* to create or update workflow",
        CredentialsError,
        "The Git server does not allow this token to do that.",
        "The token may read this repository but not write it.",
        "Give the job `permissions: contents: write`.",
    ),
    _Fault(
        r"Authentication failed|could not read (Username|Password)|terminal prompts disabled|invalid credentials"
        r"|The requested URL returned error: 401|Permission denied \(publickey|Invalid username or",
        CredentialsError,
        "The Git server did not accept the credentials.",
        "The token is missing, expired or wrong.",
        "Pass a valid `github-token`, or set up git's own credentials.",
    ),
    _Fault(
        r"dubious ownership",
        GitError,
        "git refuses this directory because another user owns it.",
        "The checkout was made by another user, as happens in containers.",
        "Run `git config --global --add safe.directory DIRECTORY` first.",
    ),
    _Fault(
        r"not a git repository",
        GitError,
        "This is not a git repository.",
        "The repository was not checked out, or elsewhere.",
        "Run actions/checkout first, or pass the right directory.",
    ),
    _Fault(
        r"declined|rule violations|protected branch|GH\d{3}",
        GitError,
        "The Git server's rules refused the push.",
        "A branch protection, a ruleset or a hook of the server covers this branch.",
        "Exempt the records branch (`records.branch`) from it, or let the token's user bypass it.",
    ),
    _Fault(
        r"Repository not found|does not appear to be a git repository|repository .* not found"
        r"|The requested URL returned error: 404",
        GitError,
        "The Git repository was not found.",
        "Its address is wrong, or the token may not see it.",
        "Check the address and the token's permissions.",
    ),
    _Fault(
        r"Could not resolve host|Failed to connect|Connection (refused|reset|timed out)|Couldn't connect"
        r"|Operation timed out|early EOF|unexpected disconnect|hung up unexpectedly|RPC failed|SSL_ERROR_SYSCALL"
        r"|The requested URL returned error: (429|5\d\d)|gnutls_handshake|HTTP/2 stream|Empty reply from server"
        r"|Network is unreachable|unable to access",
        TransientGitError,
        "The Git server cannot be reached.",
        "The network or the server has a problem, or the address is wrong.",
        "Re-run the job; if it stays, check the address and the server's status.",
    ),
    _Fault(
        r"No space left on device",
        GitError,
        "There is no space left on the disk.",
        "",
        "Free space on the runner.",
    ),
)


def explain(command: str, errors: str) -> EodError:
    """The error that git's `errors` stand for.

    Args:
        command: The subcommand that failed.
        errors: What it wrote to standard error, redacted.
    """
    for fault in _FAULTS:
        if re.search(fault.pattern, errors, re.IGNORECASE):
            return fault.error(fault.what, why=fault.why, fix=fault.fix, detail=errors)
    return GitError(f"`git {command}` failed.", detail=errors, fix="Read what git says above.")
