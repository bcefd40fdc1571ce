"""`.github/eod.yml` as frozen data."""

from eod.config.schema import (
    ArgoCd,
    ArgoCdMode,
    Aws,
    Cdn,
    Config,
    GitHub,
    Guardrails,
    Labels,
    Limits,
    Readiness,
    Records,
    Rule,
    Terraform,
    TierSettings,
    Ttl,
)

__all__ = [
    "ArgoCd",
    "ArgoCdMode",
    "Aws",
    "Cdn",
    "Config",
    "GitHub",
    "Guardrails",
    "Labels",
    "Limits",
    "Readiness",
    "Records",
    "Rule",
    "Terraform",
    "TierSettings",
    "Ttl",
]
