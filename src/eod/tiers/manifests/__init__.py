"""Kubernetes, Helm, Kustomize, Compose, Dockerfiles and CloudFormation by meaning."""

from eod.tiers.manifests.examiner import ask, ask_place

__all__ = ["ask", "ask_place"]
