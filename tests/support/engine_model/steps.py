"""The steps of a run: what the engine asks the plugins for, and what it writes before and after."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pulumi.runtime.proto import provider_pb2

from paidsw.core.values import UNKNOWN
from paidsw.provider.values import Properties, contains_unknown
from tests.support.engine_model.goal import Aliases, Goal
from tests.support.engine_model.plugins import Plugins, Process, Stopped
from tests.support.engine_model.state import PROVIDERS, Resource, Snapshot
from tests.support.plugin import Failure

SOME = provider_pb2.DiffResponse.DIFF_SOME


@dataclass(frozen=True)
class Options:
    """What a run is told: `replace` are URNs, `config` is the stack's own, by key."""

    config: Mapping[str, Any] = field(default_factory=dict)
    preview: bool = False
    refresh: bool = False
    replace: frozenset[str] = frozenset()


class Steps:
    """A run's steps. `save` gets the state whenever the engine writes it."""

    def __init__(
        self,
        stack: str,
        project: str,
        before: Snapshot,
        plugins: Plugins,
        options: Options,
        save: Callable[[Snapshot], None],
    ) -> None:
        self._stack, self._project = stack, project
        self._base = before.copy()
        self._plugins, self._options = plugins, options
        self._save_to = save
        self._news: list[Resource] = []
        self._done: set[Resource] = set()
        # Old resources that another step has dealt with.
        self._deleted: set[Resource] = set()
        self._condemned: set[str] = set()
        self._goals: dict[str, Goal] = {}
        self._ids: dict[str, Resource] = {}
        self._aliases = Aliases(stack, project)
        self.failures: list[str] = []
        self.replaced: set[str] = set()

    def _imported(self, process: Process, old: Resource | None, new: Resource) -> Resource:
        """Read what is imported; it is in the state from here on, whatever comes next."""
        found = copy.copy(new)
        self._save(creating=new.urn)
        try:
            place, inputs, outputs, again = process.read(
                new.urn, new.import_id, Properties({}), Properties({})
            )
        except Failure as failure:
            if not failure.resource_id:
                self._stop(failure.message)
            place, again = failure.resource_id, failure.refresh_before_update
            inputs = Properties(failure.inputs, failure.secret_inputs)
            outputs = Properties(failure.state, failure.secrets)
            found.init_errors = failure.reasons
        if not place:
            self._stop(f"resource '{new.import_id}' does not exist")
        found.id, found.inputs, found.outputs, found.refresh_before_update = place, inputs, outputs, again
        if old is not None:
            old.delete = True
        self._keep(found)
        return found

    def _create(
        self, process: Process, new: Resource, old: Resource | None, *, later: bool = False
    ) -> Resource:
        """Create; `later` is whether what it replaces is deleted at the end."""
        self._save(creating=new.urn)
        failure: Failure | None = None
        try:
            made, outputs, again = process.create(new.urn, new.inputs, preview=self._options.preview)
        except Failure as error:
            if not error.resource_id:
                self._stop(error.message)
            made, again, failure = error.resource_id, error.refresh_before_update, error
            outputs, new.init_errors = Properties(error.state, error.secrets), error.reasons
        if not made and not self._options.preview:
            self._stop("provider did not return an ID from Create")
        new.id, new.outputs, new.refresh_before_update = made, outputs, again
        if later and old is not None:
            old.delete = True
        if old is not None and old.pending_replacement:
            self._done.add(old)
        self._keep(new)
        if failure is not None:
            self._stop(failure.message)
        return new

    def _update(self, process: Process, old: Resource, new: Resource) -> Resource:
        new.id = old.id
        failure: Failure | None = None
        try:
            outputs, again = process.update(
                new.urn, old.id, old.inputs, old.outputs, new.inputs, preview=self._options.preview
            )
        except Failure as error:
            if not error.resource_id:
                self._stop(error.message)
            failure, again = error, error.refresh_before_update
            outputs, new.init_errors = Properties(error.state, error.secrets), error.reasons
            new.inputs = old.inputs
        new.outputs, new.refresh_before_update = outputs, again
        self._done.add(old)
        self._keep(new)
        if failure is not None:
            self._stop(failure.message)
        return new

    def _replace(self, process: Process, old: Resource, new: Resource, *, deletes_first: bool) -> Resource:
        self.replaced.add(new.urn)
        if not deletes_first and not old.pending_replacement:
            return self._create(process, new, old, later=True)
        if deletes_first:
            for dependent in reversed(self._replaced_with(old)):
                if dependent not in self._deleted and not dependent.pending_replacement:
                    self._delete(dependent, pending_replacement=not dependent.delete)
                    self._condemned.add(dependent.urn)
                    self._deleted.add(dependent)
        if not old.pending_replacement:
            self._delete(old, pending_replacement=True)
        return self._create(process, new, old)

    def _replaced_with(self, root: Resource) -> list[Resource]:
        """What depends on a resource and would be replaced by a change of it."""
        replaced = {root.urn}
        found: list[Resource] = []
        for one in self._base.resources[self._base.resources.index(root) + 1 :]:
            if one.urn in self._goals or not one.custom or one.is_provider or not one.depends_on() & replaced:
                continue
            values = {
                key: UNKNOWN if set(one.property_dependencies.get(key, ())) & replaced else value
                for key, value in one.inputs.values.items()
            }
            if not any(contains_unknown(value) for value in values.values()):
                continue
            inputs = Properties(values, one.inputs.secrets)
            try:
                difference = self._process(one.provider).diff(
                    one.urn, one.id, one.inputs, one.outputs, inputs
                )
            except Failure as failure:
                self._stop(failure.message)
            if difference.replaces:
                replaced.add(one.urn)
                found.append(one)
        return found

    def _delete(self, old: Resource, *, pending_replacement: bool = False) -> None:
        if old.custom and not self._options.preview and not old.retain_on_delete and not old.is_provider:
            self._save()
            try:
                self._process(old.provider).delete(old.urn, old.id, old.inputs, old.outputs)
            except Failure as failure:
                self._stop(failure.message)
        if pending_replacement:
            old.pending_replacement = True
        else:
            self._done.add(old)
        self._save()

    def _process(self, reference: str) -> Process:
        """The plugin of a provider; one that the program didn't register is configured as the state has it."""
        process = self._plugins.get(reference)
        if process is None:
            urn, _, identifier = reference.rpartition("::")
            known = next(one for one in self._base.resources if (one.urn, one.id) == (urn, identifier))
            process = self._plugins.start(known.type.removeprefix(PROVIDERS))
            process.configure(configuration(known.inputs.values))
            self._plugins.keep(reference, process)
        return process

    def _keep(self, new: Resource) -> Resource:
        new.hide()
        self._news.append(new)
        self._ids[new.urn] = new
        self._save()
        return new

    def _save(self, creating: str = "") -> None:
        resources = [one for one in (*self._news, *self._base.resources) if one not in self._done]
        pending = [*self._base.creating, *([creating] if creating else [])]
        renames = {old: new for new, old in self._aliases.used.items()}
        self._save_to(Snapshot([one.renamed(renames) for one in resources], pending))

    def _stop(self, *why: str) -> NoReturn:
        self.failures += why
        raise Stopped("; ".join(why))


def configuration(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in ("version", "pluginDownloadURL")}
