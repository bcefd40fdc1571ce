"""Images: other names, tags and digests."""

from typing import Any

from standins.argocd.documents import require
from standins.kubernetes.objects import Object


def split_image(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image reference; empty where there is none."""
    rest, _, digest = image.partition("@")
    head, slash, tail = rest.rpartition("/")
    name, _, tag = tail.partition(":")
    return f"{head}{slash}{name}", tag, digest


def set_image(value: Object, entry: Object, path: str) -> None:
    """Apply one entry of `images` to an object, in place.

    Raises:
        ManifestError: The entry holds something that is not known.
    """
    require({"name", "newName", "newTag", "digest"}, entry, f"{path}: images")
    for container in _containers(value):
        name, tag, digest = split_image(str(container.get("image", "")))
        if name != entry["name"]:
            continue
        name = entry.get("newName") or name
        if entry.get("newTag"):
            tag, digest = str(entry["newTag"]), ""
        if entry.get("digest"):
            tag, digest = "", entry["digest"]
        container["image"] = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def parse_image_override(text: str) -> Object:
    """An `images` entry from the form that an Application uses: `name=new:tag`, `name:tag`, `name@digest`."""
    old, equals, new = text.partition("=")
    name, tag, digest = split_image(new if equals else old)
    entry: Object = {"name": split_image(old)[0] if not equals else old}
    if equals:
        entry["newName"] = name
    if tag:
        entry["newTag"] = tag
    if digest:
        entry["digest"] = digest
    return entry


def _containers(node: Any) -> list[Object]:
    found: list[Object] = []
    if isinstance(node, dict):
        for key, item in node.items():
            if key in {"containers", "initContainers"} and isinstance(item, list):
                found += [container for container in item if isinstance(container, dict)]
            else:
                found += _containers(item)
    elif isinstance(node, list):
        for item in node:
            found += _containers(item)
    return found
