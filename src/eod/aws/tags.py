"""The tags by which an environment's resources are known."""

from collections.abc import Iterable, Mapping


def tags_of(environment: str, repository: str, prefix: str) -> dict[str, str]:
    """What every resource of an environment carries; `repository` is `owner/name`."""
    return {f"{prefix}name": environment, f"{prefix}repository": repository}


def carries(found: Iterable[Mapping[str, str]], tags: Mapping[str, str]) -> bool:
    """Whether all of `tags` are among `found`, a list of `Key` and `Value` as AWS gives it."""
    return tags.items() <= {tag["Key"]: tag["Value"] for tag in found}.items()
