"""Kubernetes, Helm, Kustomize, Compose and Dockerfiles by meaning."""
