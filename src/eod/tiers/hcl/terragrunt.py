"""Terragrunt's own files: which module they run, with which inputs, on what they depend.

Their blocks: https://terragrunt.gruntwork.io/docs/reference/config-blocks-and-attributes/
"""

import re
from typing import Final

from eod.model.tier import Tier
from eod.tiers.file import ChangedFile
from eod.tiers.hcl.blocks import VALUE, Block
from eod.tiers.hcl.calls import source_weight, subject_of_call
from eod.tiers.hcl.difference import Leaf
from eod.tiers.hcl.knowledge import subject_of
from eod.tiers.hcl.module import Change
from eod.tiers.hcl.weight import Weight, by_class, judged
from eod.tiers.opinion import Opinion

_NAMES: Final = re.compile(r"terragrunt(?:[.-][\w.-]*)?\.hcl|terragrunt\.hcl\.json|(?:root|_envcommon)\.hcl")
_VALUES: Final = frozenset(
    f"{name}.hcl" for name in ("account", "region", "env", "environment", "common", "project", "vars", "stack")
)
_SIGNS: Final = re.compile(
    r"^\s*(?:find_in_parent_folders|include\s+\"|inputs\s*=|dependency\s+\"|locals\s*\{)", re.MULTILINE
)
_SIGN_LIMIT: Final = 20_000
_STATE: Final = frozenset({"remote_state", "generate", "iam_role", "engine", "catalog"})
_HARMLESS: Final = frozenset(
    {"terraform_version_constraint", "terragrunt_version_constraint", "retryable_errors", "errors"}
)


def is_ours(file: ChangedFile) -> bool:
    """Whether it is one of Terragrunt's: by its name, or by its words where the name says little."""
    if _NAMES.fullmatch(file.name):
        return True
    parts = file.path.lower().split("/")
    if file.name in _VALUES or (file.name.endswith(".hcl") and {"terragrunt", "_envcommon"} & set(parts)):
        return _SIGNS.search((file.new_text or file.old_text)[:_SIGN_LIMIT]) is not None
    return False


def opinion_of(change: Change) -> Opinion:
    """What one changed block or attribute of a Terragrunt file asks for."""
    block = change.block
    if change.old is None or change.new is None:
        return _made(block, "Adds" if change.old is None else "Removes")
    return judged(block, [(leaf, _weight(block, leaf)) for leaf in change.leaves])


def _made(block: Block, verb: str) -> Opinion:
    if block.type == "local":
        return Opinion(
            Tier.LIGHTWEIGHT, "hcl-variable", f"{verb} `{block.address}`: what uses it is judged for itself."
        )
    if _name(block) in _HARMLESS:
        return Opinion(
            Tier.LIGHTWEIGHT, "hcl-terraform", f"{verb} `{block.address}`: how Terragrunt goes about it."
        )
    subject = _subject(block)
    if subject == "monitoring":
        return Opinion(Tier.LIGHTWEIGHT, "hcl-module", f"{verb} `{block.address}` of a module for monitoring.")
    return Opinion(Tier.FULL, "hcl-terragrunt", f"{verb} `{block.address}`: what Terragrunt runs.")


def _weight(block: Block, leaf: Leaf) -> Weight:
    name = _name(block)
    if name == "terraform":
        if leaf.keys == ("source",):
            return source_weight(leaf.old, leaf.new, _subject(block))
        return Weight(Tier.LIGHTWEIGHT, "hcl-terraform", "how Terraform is called")
    if name in _HARMLESS:
        return Weight(Tier.LIGHTWEIGHT, "hcl-terraform", "how Terragrunt goes about it")
    if name in _STATE:
        return Weight(Tier.FULL, "hcl-backend", "where state is kept, and as whom resources are made")
    if name == "inputs" or block.type == "local":
        return _input(block, leaf)
    return Weight(Tier.FULL, "hcl-terragrunt", "what Terragrunt runs, and with what")


def _input(block: Block, leaf: Leaf) -> Weight:
    subject = _subject(block)
    keys = leaf.keys[1:] if leaf.keys[:1] == (VALUE,) else leaf.keys
    if block.type == "local":
        keys = (*block.labels, *keys)
    kind = "database" if subject == "database" else "variable"
    known = by_class(Leaf(keys, leaf.old, leaf.new, leaf.inner), kind)
    if known is not None:
        return known
    if "database" in {subject, subject_of("-".join(keys).replace("_", "-"))}:
        return Weight(Tier.DATABASE, "hcl-database", "an input of a module for databases")
    if subject == "monitoring":
        return Weight(Tier.LIGHTWEIGHT, "hcl-module", "an input of a module for monitoring")
    return Weight(Tier.FULL, "hcl-terragrunt", "an input of a module whose resources are not told here")


def _subject(block: Block) -> str:
    """What the unit is about: by its directory, as Terragrunt's layout has it."""
    source = block.body.get("source")
    if isinstance(source, str):
        return subject_of_call(Block("module", block.labels or ("",), block.body, block.path))
    return subject_of(block.path.split("/")[-2]) if "/" in block.path else ""


def _name(block: Block) -> str:
    return block.labels[0] if block.type == "attribute" and block.labels else block.type
