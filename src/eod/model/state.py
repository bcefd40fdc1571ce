"""Where a Terraform state is stored, and whether what lies there is one."""

import msgspec
from msgspec import UNSET, Struct, UnsetType

NO_STATE: bytes = b" \t\r\n"


class StatePlace(Struct, frozen=True, kw_only=True):
    """The place of one state, without what is secret of a backend's settings.

    `at` is what the backend calls it: a path, a key, an address. `plain` says that it is reached with the job's
    own credentials, at its own endpoints: a backend may be told of others. `encrypt` and `kms_key` say how what is
    written there is to be encrypted.
    """

    backend: str
    at: str
    bucket: str = ""
    region: str = ""
    lock_file: bool = False
    lock_table: str = ""
    plain: bool = True
    encrypt: bool = False
    kms_key: str = ""

    @property
    def words(self) -> str:
        """What people call it."""
        if self.backend == "s3":
            return f"s3://{self.bucket}/{self.at}"
        return self.at if self.backend == "local" else f"{self.at} (backend `{self.backend}`)"


class _Head(Struct, frozen=True):
    version: msgspec.Raw | UnsetType = UNSET
    encrypted_data: msgspec.Raw | UnsetType = UNSET


def is_damaged(content: bytes) -> bool:
    """Whether no version of Terraform or OpenTofu can read it as a state: cut off, or something else altogether.

    One that is encrypted is whole for whoever has the key, one of a newer format for a newer Terraform, and
    nothing at all is a state that was never written.
    """
    if not content.strip(NO_STATE):
        return False
    try:
        head = msgspec.json.decode(content, type=_Head)
    except (msgspec.MsgspecError, RecursionError):
        return True
    return head.version is UNSET and head.encrypted_data is UNSET
