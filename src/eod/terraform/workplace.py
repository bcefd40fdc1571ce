"""The private directory of one environment's Terraform runs: plan, variables, streams, and who is running."""

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from eod.errors import TerraformError

ERRORED: Final = "errored.tfstate"
"""How Terraform calls a state that it could not save; it leaves it in the module's directory."""


class Workplace(Struct, frozen=True):
    """Paths under `<state directory>/<environment>`, readable by nobody else: plans and streams hold secrets."""

    directory: Path

    @property
    def data(self) -> Path:
        """`TF_DATA_DIR`: one for each environment, or two of them would share a backend."""
        return self.directory / "data"

    @property
    def plan(self) -> Path:
        """The saved plan."""
        return self.directory / "plan.tfplan"

    @property
    def variables(self) -> Path:
        """The variables that are passed with `-var-file`."""
        return self.directory / "variables.tfvars.json"

    @property
    def backend(self) -> Path:
        """The settings that are passed with `-backend-config`: some are secret, so never on the command line."""
        return self.directory / "backend.tfbackend.json"

    @property
    def stream(self) -> Path:
        """What the process prints on standard output."""
        return self.directory / "stream.jsonl"

    @property
    def complaints(self) -> Path:
        """What the process prints on standard error."""
        return self.directory / "stderr.txt"

    @property
    def running(self) -> Path:
        """Who is running; see `eod.terraform.running`."""
        return self.directory / "running.json"

    @property
    def interrupted(self) -> Path:
        """Exists once the process was interrupted: whoever creates it may send the one signal."""
        return self.directory / "interrupted"

    @property
    def initialised(self) -> Path:
        """The digest of what the last `init` read and left; see `eod.terraform.initialised`."""
        return self.directory / "initialised"

    @property
    def unsaved(self) -> Path:
        """A state that could not be saved, taken out of the module's directory."""
        return self.directory / ERRORED

    @property
    def backend_record(self) -> Path:
        """Where Terraform itself keeps which backend the directory was initialised for."""
        return self.data / "terraform.tfstate"

    def prepare(self) -> None:
        """Make the directory.

        Raises:
            TerraformError: It cannot be made.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.directory.chmod(0o700)
        except OSError as error:
            raise TerraformError(
                f"The working directory for Terraform cannot be made: {error.strerror}.",
                fix="Check the free space and permissions of the runner's temporary directory.",
                where=str(self.directory),
            ) from None


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, from the first byte on.

    Raises:
        TerraformError: The disk is full, or not ours to write.
    """
    try:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise TerraformError(
            f"A file for Terraform cannot be written: {error.strerror}.",
            why="The disk is full, or the directory is not ours.",
            fix="Free space on the runner, then re-run the job.",
            where=str(path),
        ) from None
