"""An embedded Kubernetes: an API server in memory with the controllers that an environment relies on."""

from standins.kubernetes.cluster import EmbeddedCluster, embedded_cluster

__all__ = ["EmbeddedCluster", "embedded_cluster"]
