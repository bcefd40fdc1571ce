"""Makes workspaces: the room's front door."""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec import structs

from eod.errors import UsageError
from eod.interrupts import Interrupts
from eod.model.lock import StateLock
from eod.model.plan import Plan
from eod.terraform.backends import backend_settings
from eod.terraform.clearing import Clear
from eod.terraform.clock import Clock
from eod.terraform.engine import Engine, find_engine
from eod.terraform.environment import terraform_environment
from eod.terraform.plugin_cache import with_cache
from eod.terraform.process import Launcher
from eod.terraform.root_module import RootModule, read_root_module
from eod.terraform.sensitive import KnownSecrets
from eod.terraform.session import Session
from eod.terraform.settings import Settings
from eod.terraform.workplace import Workplace
from eod.terraform.workspace import Binding, EnvironmentWorkspace

_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")

PLUGINS: Final = ".plugins"
"""Where providers are kept for all environments of a job; no environment's name begins with a dot."""


class TerraformRunner:
    """Satisfies `eod.lifecycle.ports.Terraform`.

    Args:
        settings: How Terraform is run.
        interrupts: Whose cancel reaches Terraform, exactly once.
        environ: The environment that Terraform inherits; read by the caller, once.
        state_directory: A private directory of this job, the same for its later steps.
        say: Takes single lines for the log.
        clock: Time.
        hide: Has values hidden from here on: those that plans and states mark as sensitive.
        known: Values that are hidden anyway, and that no error may be made of either.
        machine: The mark of this machine (see `eod.model.lock`); without it no lock is known to be our own.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        interrupts: Interrupts,
        environ: Mapping[str, str],
        state_directory: Path,
        say: Callable[[str], None],
        clock: Clock,
        hide: Callable[[tuple[str, ...]], None] = lambda _values: None,
        machine: str = "",
        known: Iterable[str] = (),
    ) -> None:
        self._machine = machine
        self._settings = settings
        self._interrupts = interrupts
        self._environ = environ
        self._state_directory = state_directory.absolute()
        self._say = say
        self._clock = clock
        self._secrets = KnownSecrets(hide, say, known)
        self._key = secrets.token_bytes(32)
        self._engine: Engine | None = None
        self._modules: dict[Path, RootModule] = {}
        self._places: list[Workplace] = []

    @property
    def engine(self) -> Engine:
        """The binary and its version; asked for once.

        Raises:
            TerraformError: It is missing, or too old.
        """
        if self._engine is None:
            self._engine = find_engine(self._settings.binary, self._environ)
        return self._engine

    def declared_variables(self, root: Path) -> frozenset[str]:
        """The variables that the root module declares, as this engine reads it.

        Raises:
            UsageError: There is no configuration in `root`.
            TerraformError: The binary is missing or too old.
        """
        return self._module(root).variables

    def workspace(
        self,
        *,
        environment: str,
        root: Path,
        commit: str,
        backend: dict[str, str],
        variables: dict[str, object],
        tags: dict[str, str],
        directory: str = "",
        ended: Callable[[StateLock], bool] | None = None,
        clear: Clear | None = None,
        fresh: bool = False,
        judge: Callable[[Plan], object] | None = None,
    ) -> EnvironmentWorkspace:
        """Bind a root module to an environment's state. Nothing is run yet but `version`.

        `backend` holds the backend's settings; its entry `key` names the state, whatever the backend's own word
        for that is. Variables that the module does not declare are left out. `directory` is where `root` lies in
        the repository, for places in messages. `ended` tells whether a lock's holder is provably a run of this
        environment that is over; `None` where no earlier run ended before its time. `clear` clears away what bears
        the environment's tags and is in the way; `None` where nothing may be. `fresh` says that nothing was ever
        made with this state: its plan takes no lock. `judge` is shown each plan that a further try of an apply
        makes, and what it raises ends the apply.

        Raises:
            UsageError: `root` holds no configuration, or the state would be lost or shared with others.
            TerraformError: The binary is missing or too old.
        """
        if _NAME.fullmatch(environment) is None:
            raise UsageError(f"{environment!r} cannot be the name of an environment.")
        root = root.absolute()
        module = self._module(root)
        settings = backend_settings(
            module.backend,
            backend,
            environment=environment,
            root=root,
            allow_local=self._settings.allow_local_state,
        )
        binding = Binding(
            commit=commit,
            backend=settings,
            variables={name: value for name, value in variables.items() if name in module.variables},
            implicit=module.backend is None,
            required=module.required,
        )
        session = structs.replace(self._session(environment, root, directory, tags), fresh=fresh)
        return EnvironmentWorkspace(session, binding, ended=ended, clear=clear, judge=judge)

    def close(self) -> None:
        """Remove the plans of this run: they hold secrets, and nobody applies them any more."""
        for place in self._places:
            if not place.running.exists():
                place.plan.unlink(missing_ok=True)

    def _session(self, environment: str, root: Path, directory: str, tags: dict[str, str]) -> Session:
        place = Workplace(self._state_directory / environment)
        self._places.append(place)
        return Session(
            environment=environment,
            root=root,
            directory=directory,
            engine=self.engine,
            environ=with_cache(
                terraform_environment(self._environ, data=place.data, tags=tags), self._state_directory / PLUGINS
            ),
            tags=tags,
            interrupts=self._interrupts,
            place=place,
            launcher=Launcher(
                binary=self.engine.path,
                environment=environment,
                place=place,
                interrupts=self._interrupts,
                clock=self._clock,
            ),
            settings=self._settings,
            clock=self._clock,
            say=self._say,
            key=self._key,
            secrets=self._secrets,
            machine=self._machine,
        )

    def _module(self, root: Path) -> RootModule:
        root = root.absolute()
        if root not in self._modules:
            self._modules[root] = read_root_module(root, tofu=self.engine.is_tofu)
            for note in self._modules[root].notes:
                self._say(note)
        return self._modules[root]
