"""Payment, identity, personal data, secrets, audit: by path, and by what the changed lines touch."""
