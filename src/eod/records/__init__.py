"""The records of environments: their state machine, their YAML, and their store in Git."""
