"""What changed resources and data sources ask for: by their kind, and by the attributes that changed."""

from collections.abc import Iterable
from typing import Final

from eod.data.kinds import Kind, kind_of
from eod.model.tier import Tier
from eod.tiers.dependencies.versions import Step
from eod.tiers.hcl.blocks import Block, text_of
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.knowledge import described, guards, light, subject_of, tiers_of
from eod.tiers.hcl.steps import moved_by
from eod.tiers.hcl.weight import Weight, by_class, judged, rule_of
from eod.tiers.opinion import Opinion

REPEATS: Final = frozenset({"count", "for_each", "provider", "providers"})
"""Meta-arguments that decide how many there are, and where."""

_POLICIES: Final = ("aws_iam_policy_document", "google_iam_policy")
_OBJECTS: Final = frozenset({"kubernetes_manifest", "kubectl_manifest", "k8s_manifest"})
_EMPTY: Final = frozenset({"null_resource", "terraform_data"})


def made(block: Block, verb: str) -> Opinion:
    """A resource that is added or removed."""
    weight = _made(block)
    return Opinion(weight.tier, weight.rule, f"{verb} `{block.address}`: {weight.because}.")


def touched(block: Block, leaves: Iterable[Leaf]) -> Opinion:
    """A resource of which these attributes change."""
    return judged(block, [(leaf, _weight(block, leaf)) for leaf in leaves])


def data_made(block: Block, verb: str) -> Opinion:
    """A data source: it reads and changes nothing; but a policy document is a policy."""
    weight = _data(block)
    return Opinion(weight.tier, weight.rule, f"{verb} `{block.address}`: {weight.because}.")


def data_touched(block: Block, leaves: Iterable[Leaf]) -> Opinion:
    """A data source of which these attributes change."""
    return judged(block, [(leaf, _data(block)) for leaf in leaves])


def _data(block: Block) -> Weight:
    if _type(block).startswith(_POLICIES):
        return Weight(Tier.FULL, "hcl-identity", "who may do what")
    return Weight(Tier.LIGHTWEIGHT, "hcl-data", "it only reads")


def _made(block: Block) -> Weight:
    kind = kind_of(_type(block))
    why_light = light(_type(block))
    if why_light:
        return Weight(Tier.LIGHTWEIGHT, "hcl-light", why_light)
    if _type(block) in _EMPTY and "provisioner" not in block.body:
        return Weight(Tier.LIGHTWEIGHT, "hcl-light", "it makes nothing by itself")
    tier = Tier.LIGHTWEIGHT if _is_plain_parameter(block) else tiers_of(kind.name)[0]
    return Weight(tier, rule_of(kind), described(kind))


def _weight(block: Block, leaf: Leaf) -> Weight:
    if leaf.keys[:1] and leaf.keys[0] in REPEATS:
        return _made(block)
    kind = kind_of(_type(block))
    known = by_class(leaf, kind.name, _type(block))
    if known is not None:
        return known
    why_light = light(_type(block))
    if why_light:
        return Weight(Tier.LIGHTWEIGHT, "hcl-light", why_light)
    if kind.name == "workload":
        return _workload(block, leaf)
    return _of_kind(block, kind)


def _of_kind(block: Block, kind: Kind) -> Weight:
    tier = Tier.LIGHTWEIGHT if _is_plain_parameter(block) else tiers_of(kind.name)[1]
    return Weight(tier, rule_of(kind), described(kind))


def _workload(block: Block, leaf: Leaf) -> Weight:
    """What runs in the cluster: light, unless it decides who may reach what, or is a database."""
    subject = _object_kind(block) if _type(block) in _OBJECTS else _chart(block)
    small_step = leaf.keys == ("version",) and moved_by(leaf.old, leaf.new) in {Step.PATCH, Step.MINOR}
    if guards(subject) and not small_step:
        return Weight(Tier.FULL, "hcl-policy", "it decides who may reach what")
    if subject_of(subject) == "database":
        return Weight(Tier.DATABASE, "hcl-database", "a database in the cluster")
    return Weight(tiers_of("workload")[1], "hcl-workload", "it runs in the cluster")


def _chart(block: Block) -> str:
    return " ".join([*block.labels[1:], *(text_of(block.body.get(key, "")) for key in ("name", "chart"))])


def _object_kind(block: Block) -> str:
    """The `kind` of a Kubernetes object that is written as one value."""
    manifest = block.body.get("manifest")
    if isinstance(manifest, dict):
        return text_of(manifest.get("kind", ""))
    words = str(block.body.get("yaml_body", manifest or "")).replace("\\n", " ").replace("=", " : ").split()
    after = (words[at + 1 :] for at in range(len(words)) if words[at].strip('"').rstrip(":") == "kind")
    return next((word.strip('"') for word in next(after, []) if word != ":"), "")


def _is_plain_parameter(block: Block) -> bool:
    """A parameter that is no secret, and its type says so."""
    return _type(block) == "aws_ssm_parameter" and text_of(block.body.get("type", "")) in {"String", "StringList"}


def _type(block: Block) -> str:
    return block.labels[0] if block.labels else ""
