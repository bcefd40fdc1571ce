"""The parts of a state, as `state pull` prints it, that are needed. Other values are skipped while decoding."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from eod.model.cloud import Item
from eod.terraform.tagged import Tagged


class _Attributes(Tagged, frozen=True):
    arn: object = None
    id: object = None
    name: object = None
    fqdn: object = None
    type: object = None


class _Instance(Struct, frozen=True):
    attributes: _Attributes | None = None
    index_key: object = None


class StateResource(Struct, frozen=True):
    """A resource, with all its instances; tainted and deposed ones are among them."""

    mode: str = "managed"
    type: str = ""
    name: str = ""
    module: str = ""
    instances: tuple[_Instance, ...] = ()


class State(Struct, frozen=True):
    """A state."""

    resources: tuple[StateResource, ...] = ()

    @property
    def managed(self) -> tuple[StateResource, ...]:
        """What Terraform made, or would destroy."""
        return tuple(resource for resource in self.resources if resource.mode == "managed")

    def tagged(self) -> Iterator[tuple[str, Tagged]]:
        """The address of each instance of what Terraform made, and its tags."""
        for resource in self.managed:
            for instance in resource.instances:
                if instance.attributes is not None:
                    yield _address(resource, instance.index_key), instance.attributes


def _address(resource: StateResource, index: object) -> str:
    at = f"{resource.module}." if resource.module else ""
    key = "" if index is None else f"[{msgspec.json.encode(index).decode()}]"
    return f"{at}{resource.type}.{resource.name}{key}"


def read_state(printed: bytes) -> State | None:
    """The state; one without resources where there is none yet, `None` where it cannot be read."""
    if not printed.strip():
        return State()
    try:
        return msgspec.json.decode(printed, type=State)
    except msgspec.MsgspecError:
        return None


def unknown_to(state: State, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Those of `items` that no resource of the state is."""
    known = set(_names(state))
    return tuple(item for item in items if item.id.removesuffix(":*") not in known)


def _names(state: State) -> Iterator[str]:
    """ARNs; of a DNS record, which has none, its type and name as the inventory puts them."""
    for resource in state.managed:
        for instance in resource.instances:
            told = instance.attributes
            if told is None:
                continue
            yield from (str(text).removesuffix(":*") for text in (told.arn, told.id))
            if resource.type == "aws_route53_record":
                yield from (f"{told.type} {str(name).rstrip('.')}" for name in (told.fqdn, told.name))
