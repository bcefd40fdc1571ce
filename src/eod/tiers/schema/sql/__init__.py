"""SQL: which statements changed, and what they do."""
