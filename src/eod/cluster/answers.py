"""What the cluster's refusals mean, in our errors. Pure."""

from typing import Any

import urllib3

from eod.errors import ClusterError, CredentialsError, EodError

_UNAUTHORIZED = 401


def refusal(host: str, method: str, path: str, status: int, body: dict[str, Any]) -> EodError:
    """The error for 401 and 403."""
    said = str(body.get("message", ""))
    if status == _UNAUTHORIZED:
        return CredentialsError(
            "The cluster does not accept our credentials (401).",
            where=host,
            detail=said,
            why="The token has expired, belongs to another cluster, or its role is not mapped in this cluster.",
            fix="Log in again before this step; on EKS add the role as an access entry (or to `aws-auth`).",
        )
    if _over_quota(said) or _by_policy(said):
        return unexpected(f"{method} {path}", status, body)
    return CredentialsError(
        f"The cluster does not allow us to {method.lower()} {path} (403).",
        where=host,
        detail=said,
        why="The role that we act as lacks this permission.",
        fix="Grant it: the README's section on permissions has the ClusterRole that eod-action needs.",
    )


def unreachable(host: str, error: Exception) -> ClusterError:
    """The error for a connection that could not be made, or broke."""
    if isinstance(error, urllib3.exceptions.SSLError):
        why = "The cluster's certificate is not signed by the authority that the kubeconfig names."
        fix = "Renew the kubeconfig; behind a proxy that opens TLS, add its authority there."
    elif isinstance(error, urllib3.exceptions.NameResolutionError):
        why = "Its name cannot be resolved: a private endpoint, or a cluster that is gone."
        fix = "Use a runner inside the network, or renew the kubeconfig."
    else:
        why = "It is down, its endpoint is private, or a firewall is in the way."
        fix = "Check that the runner may reach the API server; re-run the job when it does."
    return ClusterError("The cluster cannot be reached.", where=host, detail=str(error)[:500], why=why, fix=fix)


def unexpected(doing: str, status: int, body: dict[str, Any]) -> ClusterError:
    """The error for any other answer that we cannot work with."""
    said = str(body.get("message", ""))
    if _over_quota(said):
        why, fix = "A quota of the cluster is used up.", "Remove what is no longer needed, or raise the quota."
    elif _by_policy(said):
        why, fix = "An admission policy of the cluster refused.", "Change what the policy asks for, or the policy."
    elif status >= 500:  # noqa: PLR2004  # HTTP's server errors
        why, fix = (
            "The API server has a problem of its own.",
            "Re-run the job; if it stays, look at the API server.",
        )
    else:
        why, fix = "The cluster does not accept what was sent.", "The line above is its own word."
    return ClusterError(f"{doing} failed ({status}).", detail=said, why=why, fix=fix)


def _over_quota(said: str) -> bool:
    return "exceeded quota" in said


def _by_policy(said: str) -> bool:
    return any(word in said for word in ("admission webhook", "denied the request", "AdmissionPolicy"))
