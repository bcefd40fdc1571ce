"""Who gets an environment, and how many there may be. Pure."""
