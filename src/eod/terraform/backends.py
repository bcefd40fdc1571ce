"""Where an environment's state lies: one state for each environment, whatever the backend calls its key."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from eod.errors import TerraformUsageError, UsageError

KEY: Final = "key"
"""The entry of the settings that names this environment's state, whatever the backend's own word is."""

_OWN_WORD: Final[Mapping[str, str]] = {
    "s3": "key",
    "azurerm": "key",
    "oss": "key",
    "cos": "key",
    "oci": "key",
    "gcs": "prefix",
    "local": "path",
    "consul": "path",
    "http": "address",
    "kubernetes": "secret_suffix",
    "pg": "schema_name",
}


def own_word(kind: str) -> str:
    """What a backend calls the setting that names its state."""
    return _OWN_WORD.get(kind, KEY)


class RecordedBackend(Struct, frozen=True):
    """What `init` has bound a directory to."""

    type: str
    config: dict[str, object] = {}


class _Record(Struct, frozen=True):
    backend: RecordedBackend | None = None


def backend_settings(
    kind: str | None, settings: Mapping[str, str], *, environment: str, root: Path, allow_local: bool
) -> dict[str, str]:
    """What `init` is given with `-backend-config`.

    Args:
        kind: The type of the root module's backend block, `None` if it has none.
        settings: The configured settings; `key` names the environment's state.
        environment: The environment's name, which has to be part of where its state lies.
        root: The root module; a relative path of a local state starts there.
        allow_local: Whether a state on this machine is wanted.

    Raises:
        UsageError: The state would be lost, or shared with other environments.
    """
    if kind is None or kind == "local":
        return _local(kind, settings, environment=environment, root=root, allow_local=allow_local)
    if kind in {"cloud", "remote"}:
        raise UsageError(
            f"The root module keeps its state in a `{kind}` block, which is not supported.",
            why="Its workspaces cannot be chosen for each environment with `-backend-config`.",
            fix='Use another backend for previews, for instance `backend "s3" {}`.',
            where=str(root),
        )
    own = own_word(kind)
    given = {name: value for name, value in settings.items() if name != KEY}
    key = settings.get(KEY, "")
    result = {**given, own: given.get(own) or _spelt(kind, key)}
    if kind == "http":
        result = _http(given, key, environment)
    _refuse_shared(kind, own, result.get(own, ""), environment, root)
    return result


def recorded_backend(record: bytes) -> RecordedBackend | None:
    """What Terraform recorded of the backend in `terraform.tfstate` of its data directory; `None` if nothing."""
    try:
        return msgspec.json.decode(record, type=_Record).backend
    except msgspec.MsgspecError:
        return None


def refuse_other_state(record: bytes, wanted: Mapping[str, str], *, environment: str, root: Path) -> None:
    """Refuse a directory that `init` has bound to anything but the state that was asked for.

    What a module says of its backend was read by a parser of our own, and may override itself in ways that only
    Terraform knows. What `init` has recorded is what every later command uses.

    Args:
        record: What Terraform recorded of the backend (`terraform.tfstate` of its data directory); may be empty.
        wanted: The settings that `init` was given.
        environment: The environment's name.
        root: The root module.

    Raises:
        TerraformUsageError: The state would lie elsewhere.
    """
    backend = recorded_backend(record)
    own = own_word(backend.type) if backend is not None else KEY
    found = backend.config.get(own) if backend is not None else None
    if backend is not None and found is not None and found == wanted.get(own):
        return
    where = f"`{own} = {found}` of a backend `{backend.type}`" if backend is not None else "no backend at all"
    raise TerraformUsageError(
        f"The root module would not keep its state where {environment}'s belongs, but in {where}.",
        why="A file of the module (an `*_override.tf`, for instance) fixes the backend: the state would be one "
        "that other environments use, or that is lost with this machine.",
        fix='Leave one block `backend "…" {}` in the module, without a key: eod gives each environment its own.',
        where=str(root),
    )


def _local(
    kind: str | None, settings: Mapping[str, str], *, environment: str, root: Path, allow_local: bool
) -> dict[str, str]:
    path = settings.get("path") or settings.get(KEY, "")
    if not allow_local and not (kind == "local" and Path(path).is_absolute()):
        raise UsageError(
            "The root module has no backend that outlives this machine.",
            why="Without one the state is lost when the job ends, and nothing that was made can be destroyed.",
            fix='Add `terraform { backend "s3" {} }` (or gcs, azurerm, …) to the root module and its settings '
            "under `terraform.backend`; to keep the state on this machine all the same, set "
            "`allow-local-state: true`.",
            where=str(root),
        )
    _refuse_shared("local", "path", path, environment, root)
    return {"path": str(root.absolute() / path)}


def _http(given: Mapping[str, str], key: str, environment: str) -> dict[str, str]:
    """An address that does not name the environment gets its key appended, as do those of its lock."""
    address = given.get("address", "")
    if not address or environment in address:
        return dict(given)
    ends = ("address", "lock_address", "unlock_address")
    return {name: f"{value.rstrip('/')}/{key}" if name in ends else value for name, value in given.items()}


def _spelt(kind: str, key: str) -> str:
    match kind:
        case "gcs":
            return key.removesuffix(".tfstate")
        case "kubernetes":
            return re.sub(r"[^a-z0-9]+", "-", key.removesuffix(".tfstate").lower()).strip("-")
        case "pg":
            return re.sub(r"[^a-z0-9]+", "_", key.removesuffix(".tfstate").lower()).strip("_")
        case _:
            return key


def _refuse_shared(kind: str, own: str, value: str, environment: str, root: Path) -> None:
    plain = re.sub(r"[^a-z0-9]+", "-", value.lower())
    wanted = re.sub(r"[^a-z0-9]+", "-", environment.lower()).strip("-")
    if re.search(rf"(?:^|-){re.escape(wanted)}(?:-|$)", plain):
        return
    raise UsageError(
        f"The `{own}` of the {kind} backend does not name the environment: `{value}`.",
        why=f"Every environment needs a state of its own; {environment} would use another one's.",
        fix=f"Use `{{environment}}` in `terraform.state-key`, or in `terraform.backend.{own}`.",
        where=str(root),
    )
