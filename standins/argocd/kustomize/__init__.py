"""A renderer for the part of Kustomize that previews use. What it does not know it refuses."""

from standins.argocd.kustomize.build import build

__all__ = ["build"]
