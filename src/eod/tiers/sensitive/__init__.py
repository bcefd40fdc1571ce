"""Payment, identity, personal data and secrets, by path and by what the changed lines touch."""
