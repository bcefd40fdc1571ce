"""The environment variables that Terraform runs with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from eod.errors import UsageError

TAG_PREFIX: Final = "TF_AWS_DEFAULT_TAGS_"

_DROPPED: Final = frozenset(
    {
        # A plan runs code of the pull request's author: it has no business in later steps or in the cache.
        "GITHUB_ENV",
        "GITHUB_OUTPUT",
        "GITHUB_PATH",
        "GITHUB_STATE",
        "GITHUB_STEP_SUMMARY",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_RUNTIME_URL",
        "ACTIONS_RESULTS_URL",
        "ACTIONS_CACHE_URL",
        # Another workspace would be another state, which a teardown that lacks the variable never finds.
        "TF_WORKSPACE",
    }
)
_DROPPED_PREFIXES: Final = ("EOD_", "INPUT_")


def terraform_environment(environ: Mapping[str, str], *, data: Path, tags: Mapping[str, str]) -> dict[str, str]:
    """What Terraform gets of `environ`, and what we add.

    The AWS provider (5.62 and later) takes default tags from `TF_AWS_DEFAULT_TAGS_<key>`. They are part of the
    plan: one made without them shows every resource as a change, so plan, apply and destroy get the same.

    Raises:
        UsageError: A tag's key cannot be part of a variable's name.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _DROPPED and not name.startswith((*_DROPPED_PREFIXES, TAG_PREFIX))
    }
    return {
        **kept,
        **{_tag_variable(key): value.replace("\0", "") for key, value in tags.items()},
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TF_DATA_DIR": str(data),
    }


def _tag_variable(key: str) -> str:
    if not key or "=" in key or "\0" in key:
        raise UsageError(
            f"The tag {key!r} cannot be passed to Terraform.",
            why="Tags go through environment variables, whose names hold no `=`.",
            fix="Rename it under `aws.tags` in the configuration.",
        )
    return TAG_PREFIX + key
