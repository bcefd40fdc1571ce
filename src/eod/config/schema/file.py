"""The whole of `.github/eod.yml`."""

from typing import Annotated

from msgspec import Meta, field

from eod.config.schema.argocd import ArgoCd
from eod.config.schema.aws import Aws
from eod.config.schema.github import GitHub, Labels
from eod.config.schema.governance import Limits, Policy, Ttl
from eod.config.schema.namespace import Guardrails
from eod.config.schema.readiness import Readiness
from eod.config.schema.records import Records
from eod.config.schema.terraform import Terraform
from eod.config.schema.tiers import Critical, Overrule, Rule, TierSettings, Words
from eod.config.schema.values import ALL, Section, Text, Variables
from eod.model.tier import Tier


class Config(Section, frozen=True):
    """The whole file. `domain` and, where Terraform is used, `terraform.directory` are enough."""

    domain: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
            max_length=189,
            description="Environments answer at `<name>.<domain>`.",
            extra={"expected": "a domain in lower case, such as `preview.example.com`"},
        ),
    ]
    name: Annotated[
        str,
        Meta(
            description="Name of environment and namespace; must contain `{number}`.",
            extra={"placeholders": ALL},
        ),
    ] = "pr-{number}"
    tiers: Annotated[dict[Tier, TierSettings], Meta(description="Changes to the built-in tiers.")] = field(
        default_factory=dict
    )
    default_tier: Annotated[
        Tier | None, Meta(description="What a file that no rule matches asks for; default: `full`.")
    ] = None
    rules: Annotated[
        tuple[Rule, ...], Meta(description="Rules before the built-in ones; the first match counts.")
    ] = ()
    ignore: Annotated[tuple[Text, ...], Meta(description="gitignore patterns of files that never matter.")] = ()
    switched_off: Annotated[
        tuple[Text, ...], Meta(description="Names of built-in rules and examiners that are not asked.")
    ] = ()
    critical: Critical = Critical()
    words: Words = Words()
    overrule: Overrule = Overrule()
    policy: Policy = Policy()
    labels: Labels = Labels()
    shared: Annotated[
        Variables,
        Meta(description="Handles of shared resources, passed as `shared_<key>`; texts take placeholders."),
    ] = field(default_factory=dict)
    terraform: Terraform | None = None
    argocd: ArgoCd = ArgoCd()
    readiness: Readiness = Readiness()
    guardrails: Guardrails = Guardrails()
    ttl: Ttl = Ttl()
    limits: Limits = Limits()
    records: Records = Records()
    aws: Aws = Aws()
    github: GitHub = GitHub()
