"""Namespaces with their guardrails, and what runs in them."""
