"""Writing kubeconfig files: one for each identity that talks to the API server."""

import base64
from pathlib import Path

import yaml


def write(path: Path, *, server: str, authority: Path, token: str, namespace: str = "default") -> Path:
    """Write a kubeconfig with a single context.

    Args:
        path: Where to.
        server: URL of the API server.
        authority: Certificate authority; it becomes part of the file.
        token: The identity's bearer token.
        namespace: The context's namespace.
    """
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "eod-testbed",
        "clusters": [
            {
                "name": "eod-testbed",
                "cluster": {
                    "server": server,
                    "certificate-authority-data": base64.b64encode(authority.read_bytes()).decode(),
                },
            }
        ],
        "users": [{"name": "eod-testbed", "user": {"token": token}}],
        "contexts": [
            {
                "name": "eod-testbed",
                "context": {"cluster": "eod-testbed", "user": "eod-testbed", "namespace": namespace},
            }
        ],
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(content))
    return path
