"""Asking an environment's URL until it answers."""
