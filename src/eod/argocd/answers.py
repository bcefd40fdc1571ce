"""What Argo CD's refusals mean, in our errors. Pure."""

from typing import Any

from eod.errors import ArgoCdError, CredentialsError

_SERVER_ERROR = 500


class UnreachableError(ArgoCdError):
    """Argo CD, or the cluster that it runs in, does not answer now; it may later."""


class NoSuchSetError(ArgoCdError):
    """The ApplicationSet is not there, or Argo CD's server has not heard of it yet: it answers from a cache."""


def no_crds(namespace: str) -> ArgoCdError:
    """The cluster does not know what an Application is."""
    return ArgoCdError(
        "Argo CD is not installed in this cluster: it knows no Applications.",
        why="The custom resource definitions of argoproj.io/v1alpha1 are missing, or this is the wrong cluster.",
        fix=f"Install Argo CD (namespace `{namespace}`), name another context, or set `argocd.mode: none`.",
    )


def refused(doing: str, status: int, body: dict[str, Any]) -> ArgoCdError:
    """Any answer that we cannot work with."""
    kind = UnreachableError if status >= _SERVER_ERROR else ArgoCdError
    return kind(
        f"{doing} failed ({status}).",
        detail=str(body.get("message") or body.get("error") or ""),
        why="Argo CD, or an admission policy before it, does not accept what was sent.",
        fix="The line above is its own word; look at `argocd` in eod.yml.",
    )


def no_such_set(name: str, namespace: str) -> NoSuchSetError:
    """The ApplicationSet of the configuration does not exist."""
    return NoSuchSetError(
        f"ApplicationSet `{name}` does not exist in namespace `{namespace}`.",
        why="It is named in eod.yml, and nobody has created it there.",
        fix="Create it, or correct `argocd.application-set` and `argocd.namespace` in eod.yml.",
    )


def not_allowed(server: str, doing: str, status: int, body: dict[str, Any]) -> CredentialsError:
    """Argo CD's API server does not know us, or does not let us."""
    unknown = status == 401  # noqa: PLR2004  # HTTP Unauthorized
    return CredentialsError(
        f"Argo CD does not {'accept our token' if unknown else 'allow this'} ({status}): {doing}.",
        where=server,
        detail=str(body.get("message") or body.get("error") or ""),
        why="The token has expired or is another server's." if unknown else "The account's role lacks this right.",
        fix="Make a new token for the account and put it into ARGOCD_AUTH_TOKEN."
        if unknown
        else "Give the account's role `applications` get, create, update, sync and delete in that project.",
    )


def unreachable(server: str, error: Exception) -> UnreachableError:
    """Argo CD's API server cannot be reached."""
    return UnreachableError(
        "Argo CD's API server cannot be reached.",
        where=server,
        detail=str(error)[:500],
        why="ARGOCD_SERVER is wrong, it is down, its certificate is not trusted, or a firewall is in the way.",
        fix="Correct ARGOCD_SERVER; for a private authority set REQUESTS_CA_BUNDLE; then re-run the job.",
    )
