"""A real Kubernetes control plane and a real Argo CD on this machine, for the tests that want the real thing.

`python -m testbed up` starts one and prints where it is; `testbed.cluster()` does the same for as long as a
`with` block lasts. Where they come from (a kubeconfig, kind, or binaries built from Go modules) is decided in
`testbed.choice`, and nobody else needs to know.
"""

from testbed.cluster import cluster
from testbed.handle import Testbed
from testbed.repository import Repository

__all__ = ["Repository", "Testbed", "cluster"]
