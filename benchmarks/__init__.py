"""Measurements over real material that whoever runs them brings along."""
