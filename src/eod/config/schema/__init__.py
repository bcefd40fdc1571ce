"""The shape of `.github/eod.yml`: every key, its type, its default and what it means.

The JSON Schema for editors and the reference in `docs/configuration.md` are generated from these files. Texts with
`{number}`, `{environment}` and the like in them are filled in per environment (see `eod.config.placeholders`);
`extra` says in which, and says in words what a pattern expects.
"""
