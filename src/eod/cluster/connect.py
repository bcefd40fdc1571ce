"""From a kubeconfig, or from inside a pod, to a client. No request is made here.

This module alone imports `kubernetes`, which takes a quarter of a second: import it when a cluster is needed.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from kubernetes.client import ApiClient, Configuration
from kubernetes.config import ConfigException, incluster_config, list_kube_config_contexts, load_kube_config

from eod.errors import ClusterError, CredentialsError

_FIX = (
    "Set KUBECONFIG to a kubeconfig file (on EKS: `aws eks update-kubeconfig --name CLUSTER`), "
    "or run where a service account is mounted."
)


def connect(environ: Mapping[str, str], context: str | None = None) -> Any:
    """A `kubernetes.client.ApiClient` for the cluster that the environment names.

    Looked for in this order: the files in `KUBECONFIG`, `~/.kube/config`, the pod's service account.

    Args:
        environ: The process's environment.
        context: A context of the kubeconfig; its current one by default.

    Raises:
        ClusterError: There is no kubeconfig, it cannot be read, or it knows no such context.
        CredentialsError: The kubeconfig's credential plugin failed.
    """
    files = _kubeconfig_files(environ)
    if files:
        return _from_kubeconfig(files, context or None)
    if environ.get("KUBERNETES_SERVICE_HOST") and not environ.get("KUBECONFIG"):
        return _from_service_account(environ)
    named = environ.get("KUBECONFIG", "")
    what = f"KUBECONFIG names `{named}`, which does not exist." if named else "There is no kubeconfig."
    raise ClusterError(what, why="Without one it is not known which cluster the environments live in.", fix=_FIX)


def _kubeconfig_files(environ: Mapping[str, str]) -> list[str]:
    named = environ.get("KUBECONFIG", "")
    home = environ.get("HOME", "")
    paths = named.split(os.pathsep) if named else [f"{home}/.kube/config"] if home else []
    return [path for path in paths if path and Path(path).expanduser().is_file()]


def _from_kubeconfig(files: list[str], context: str | None) -> Any:

    shown = os.pathsep.join(files)
    configuration = Configuration()
    try:
        if context:
            _require_context(shown, context)
        with _library_complaints() as complaints:
            load_kube_config(
                config_file=shown, context=context, client_configuration=configuration, persist_config=False
            )
    except (ConfigException, yaml.YAMLError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ClusterError(
            "The kubeconfig cannot be used.",
            where=shown,
            detail=str(error),
            why="It is not a kubeconfig, or its current context, cluster or user is missing.",
            fix="`kubectl config view --minify` with the same KUBECONFIG shows what is wrong.",
        ) from error
    if complaints:
        raise CredentialsError(
            "The kubeconfig's credential plugin failed.",
            where=shown,
            detail="\n".join(complaints),
            why="The command that the kubeconfig names for credentials is missing or has no valid login.",
            fix="Log in to the cloud before this step, and install what the kubeconfig's `exec` calls.",
        )
    return _client(configuration)


def _require_context(shown: str, context: str) -> None:

    try:
        known = [str(entry["name"]) for entry in list_kube_config_contexts(shown)[0]]
    except ConfigException:
        return
    if context not in known:
        raise ClusterError(
            f"The kubeconfig has no context `{context}`.",
            where=shown,
            why=f"It knows {', '.join(f'`{name}`' for name in sorted(known)) or 'none'}.",
            fix="Name one of these, or leave the context out to use the current one.",
        )


def _from_service_account(environ: Mapping[str, str]) -> Any:

    configuration = Configuration()
    try:
        incluster_config.InClusterConfigLoader(
            token_filename=incluster_config.SERVICE_TOKEN_FILENAME,
            cert_filename=incluster_config.SERVICE_CERT_FILENAME,
            environ=environ,
        ).load_and_set(configuration)
    except ConfigException as error:
        raise ClusterError(
            "The pod's service account cannot be used.",
            detail=str(error),
            why="The runner's pod has no service-account token mounted.",
            fix=f"Set `automountServiceAccountToken: true` for the runner. Otherwise: {_FIX}",
        ) from error
    return _client(configuration)


def _client(configuration: Any) -> Any:

    client = ApiClient(configuration)
    client.user_agent = "eod-action"
    return client


@contextmanager
def _library_complaints() -> Iterator[list[str]]:
    """What the library logs as an error: it does not raise when a credential plugin fails."""
    complaints: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complaints.append(record.getMessage())

    listener = Listener(logging.ERROR)
    root = logging.getLogger()
    root.addHandler(listener)
    try:
        yield complaints
    finally:
        root.removeHandler(listener)
