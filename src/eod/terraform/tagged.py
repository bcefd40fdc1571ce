"""Where providers keep a resource's tags, in a plan and in a state alike."""

from collections.abc import Iterator, Mapping

from msgspec import Struct


class Tagged(Struct, frozen=True):
    """AWS has them in `tags` or `tag`, Google in labels, Kubernetes in its metadata."""

    tags: object = None
    tags_all: object = None
    tag: object = None
    labels: object = None
    effective_labels: object = None
    metadata: object = None

    def pairs(self) -> Iterator[tuple[str, str]]:
        """All tags, key and value; some may come twice."""
        for found in (self.tags_all, self.tags, self.tag, self.labels, self.effective_labels):
            yield from _pairs(found)
        for metadata in self.metadata if isinstance(self.metadata, list) else [self.metadata]:
            if isinstance(metadata, dict):
                yield from _pairs(metadata.get("labels"))
                yield from _pairs(metadata.get("annotations"))


def other_owner(tagged: Tagged, own: Mapping[str, str]) -> str:
    """What its tags name in place of `own`; empty if it is ours, or nobody's."""
    for key, value in tagged.pairs():
        if key in own and value.casefold() != own[key].casefold():
            return value
    return ""


def _pairs(found: object) -> Iterator[tuple[str, str]]:
    """Tags as a map, or as a list of `{key, value}`."""
    if isinstance(found, dict):
        yield from ((key, value) for key, value in found.items() if isinstance(value, str))
    elif isinstance(found, list):
        for one in found:
            match one:
                case {"key": str(key), "value": str(value)}:
                    yield key, value
