"""A stack on the model: its settings, its state on the disk, and the commands of `pulumi`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pulumi

from paidsw.core.provider_settings import rehearsal
from tests.support.direct import World
from tests.support.engine_model.deployment import Deployment
from tests.support.engine_model.plugins import Blows, EngineKilled, Plugins, Stopped
from tests.support.engine_model.program import Monitor, run
from tests.support.engine_model.state import Snapshot
from tests.support.engine_model.steps import Options
from tests.support.shape import ProgramShape, declare

PROJECT = "dsw-free-tier"
_EMULATED = rehearsal("http://127.0.0.1:9")
BASIC: dict[str, Any] = {
    "alicloud:region": "cn-wulanchabu",
    **{key: one if isinstance(one, str) else json.dumps(one) for key, one in _EMULATED.items()},
}


@dataclass(frozen=True)
class Outcome:
    """How a command ended: 0, 1, or None where the engine was killed; and every line that a person read."""

    code: int | None
    lines: list[str]


@dataclass
class ModelStack:
    """One stack in one backend."""

    world: World
    name: str = "dev"
    settings: dict[str, Any] = field(default_factory=dict)
    # Those of the settings that are encrypted.
    secret: set[str] = field(default_factory=set)
    program: ProgramShape = field(default_factory=ProgramShape)
    state: Snapshot = field(default_factory=Snapshot)

    def __post_init__(self) -> None:
        self.blows = Blows(self.world)

    def up(self, *, replace: Iterable[str] = (), refresh: bool = False, preview: bool = False) -> Outcome:
        """`pulumi up --yes --skip-preview`, or with `preview` a preview of it."""
        return self._run(self._program, replace=replace, refresh=refresh, preview=preview)

    def destroy(self) -> Outcome:
        """`pulumi destroy --yes --skip-preview`."""
        return self._run(None)

    def refresh(self) -> Outcome:
        """`pulumi refresh --yes --skip-preview --clear-pending-creates`."""
        self.state.creating = []
        return self._run(None, refresh=True, only_refresh=True)

    def rename(self, name: str) -> None:
        """`pulumi stack rename`."""
        self.state, self.name = self.state.renamed(name), name

    def _config(self) -> dict[str, Any]:
        own = {k if ":" in k else f"{PROJECT}:{k}": v for k, v in self.settings.items() if v is not None}
        return {**BASIC, **own}

    def _run(
        self,
        program: Callable[[], Any] | None,
        *,
        replace: Iterable[str] = (),
        refresh: bool = False,
        preview: bool = False,
        only_refresh: bool = False,
    ) -> Outcome:
        said: list[str] = []
        options = Options(self._config(), preview=preview, refresh=refresh, replace=frozenset(replace))
        plugins = Plugins(self.world, self.blows, said)
        deployment = Deployment(
            self.name, PROJECT, self.state, plugins, options, (lambda _: None) if preview else self._save
        )
        try:
            deployment.begin()
            if program is not None:
                monitor = Monitor(deployment, preview=preview)
                run(
                    program,
                    monitor,
                    stack=self.name,
                    project=PROJECT,
                    config=options.config,
                    secret=[f"{PROJECT}:{key}" for key in self.secret],
                    preview=preview,
                )
            if not only_refresh:
                deployment.finish()
        except EngineKilled:
            return Outcome(None, said)
        except Stopped as end:
            deployment.close()
            return Outcome(1, [*said, *([] if str(end) in said else [str(end)])])
        except pulumi.RunError as error:
            deployment.close()
            return Outcome(1, [*said, *str(error).splitlines()])
        finally:
            self.blows.clear()
        deployment.close()
        return Outcome(0, said)

    def _save(self, state: Snapshot) -> None:
        self.state = state

    def _program(self) -> Any:
        return declare(self.program)
