"""What the contract is asked through: plain HTTP against whatever cluster a kubeconfig names."""

import base64
import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from testbed.repository import Repository

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

Object = dict[str, Any]


class Kube:
    """A client that shows status codes and bodies as they come."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        cluster = config["clusters"][0]["cluster"]
        self._server = cluster["server"]
        self._session = requests.Session()
        self._session.trust_env = False
        if token := config["users"][0]["user"].get("token"):
            self._session.headers["Authorization"] = f"Bearer {token}"
        if authority := cluster.get("certificate-authority-data"):
            path = folder / "authority.pem"
            path.write_bytes(base64.b64decode(authority))
            self._session.verify = str(path)

    def close(self) -> None:
        self._session.close()

    def ask(self, method: str, path: str, body: Any = None, *, kind: str = "application/json", **query: Any):
        """A request; status code and decoded body."""
        answer = self._session.request(
            method,
            f"{self._server}{path}",
            params=query,
            data=None if body is None else json.dumps(body),
            headers={"Content-Type": kind, "User-Agent": "contract/1"},
            timeout=30,
        )
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.text

    def must(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """A request that has to succeed; the body."""
        code, found = self.ask(method, path, body, **more)
        assert code < 300, found
        return found

    def apply(self, path: str, body: Object, manager: str = "one", **query: Any):
        """A server-side apply; status code and body."""
        return self.ask("PATCH", path, body, kind=APPLY, fieldManager=manager, **query)

    def watch(self, path: str, **query: Any) -> Iterator[Object]:
        """The events of a watch until the server ends it."""
        query = {"watch": "true", "timeoutSeconds": 10, **query}
        with self._session.get(f"{self._server}{path}", params=query, stream=True, timeout=30) as answer:
            for line in answer.iter_lines(chunk_size=1):
                yield json.loads(line)

    def until(self, path: str, holds, *, seconds: float = 60) -> Any:
        """Read an object until something holds for it."""
        deadline = time.monotonic() + seconds
        while True:
            code, found = self.ask("GET", path)
            with contextlib.suppress(KeyError, IndexError, TypeError):
                if holds(found if code == 200 else None):
                    return found
            assert time.monotonic() < deadline, f"{path}: {code} {_short(found)}"
            time.sleep(0.05)

    def gone(self, path: str, *, seconds: float = 30) -> None:
        """Wait until there is no such object."""
        self.until(path, lambda found: found is None, seconds=seconds)


def _short(found: Any) -> str:
    if isinstance(found, dict) and "metadata" in found:
        found = {**found, "metadata": {k: v for k, v in found["metadata"].items() if k != "managedFields"}}
    return json.dumps(found)[:5000]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster under contract: the embedded one or the real one."""

    kube: Kube
    kubeconfig: Path
    argocd_namespace: str
    load_balancer_port: int
    git_dir: Path
    git_url: str
    embedded: bool

    def repository(self, name: str) -> Repository:
        """An empty Git repository that Argo CD can read."""
        return Repository.make(self.git_dir / name, url=f"{self.git_url}/{name}")
