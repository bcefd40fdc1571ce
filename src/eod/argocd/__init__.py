"""Argo CD: Applications, waiting for the right revision, and deleting in cascade."""
