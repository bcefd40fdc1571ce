"""`.github/eod.yml` as frozen data."""

from eod.config.schema.argocd import ArgoCd, ArgoCdMode
from eod.config.schema.aws import Aws, Cdn
from eod.config.schema.file import Config
from eod.config.schema.github import GitHub, Labels
from eod.config.schema.governance import Level, Limits, Policy, Ttl
from eod.config.schema.namespace import Guardrails
from eod.config.schema.readiness import Readiness
from eod.config.schema.records import Records
from eod.config.schema.terraform import Fault, Terraform
from eod.config.schema.tiers import Critical, Mismatch, Overrule, Permission, Rule, TierSettings, Words

__all__ = [
    "ArgoCd",
    "ArgoCdMode",
    "Aws",
    "Cdn",
    "Config",
    "Critical",
    "Fault",
    "GitHub",
    "Guardrails",
    "Labels",
    "Level",
    "Limits",
    "Mismatch",
    "Overrule",
    "Permission",
    "Policy",
    "Readiness",
    "Records",
    "Rule",
    "Terraform",
    "TierSettings",
    "Ttl",
    "Words",
]
