"""Manifests and lock files of packages: what was added, and how far versions move."""
