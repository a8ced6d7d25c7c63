"""One run of the engine on a state: registrations first, then the deletes."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from paidsw.provider.values import Properties
from tests.support.engine_model.goal import Goal
from tests.support.engine_model.plugins import Process, Stopped
from tests.support.engine_model.state import PROVIDERS, Resource, urn_of
from tests.support.engine_model.steps import SOME, Steps, configuration
from tests.support.plugin import Failure


class Deployment(Steps):
    """A run."""

    # --- before the program ---

    def begin(self) -> None:
        """Read what asks for it, or all that there is; the state in memory is what the cloud has."""
        failed: list[str] = []
        for old in list(self._base.resources):
            if self._options.refresh or old.refresh_before_update:
                try:
                    self._refreshed(old)
                except Failure as failure:
                    failed.append(failure.message)
        self._repair()
        if failed:
            self._stop(*failed)

    def _refreshed(self, old: Resource) -> None:
        if not old.custom or old.is_provider or old.pending_replacement:
            return
        process = self._process(old.provider)
        errors: list[str] = []
        try:
            found, inputs, outputs, again = process.read(old.urn, old.id, old.inputs, old.outputs)
        except Failure as failure:
            if not failure.resource_id:
                raise
            found, errors, again = failure.resource_id, failure.reasons, failure.refresh_before_update
            inputs = Properties(failure.inputs, failure.secret_inputs)
            outputs = Properties(failure.state, failure.secrets)
        if not found:
            self._base.resources.remove(old)
            return
        inputs = inputs if inputs.values else old.inputs
        # The display's own comparison: an error in it is an error of the run.
        process.diff(old.urn, found, inputs, outputs, old.inputs)
        old.id, old.inputs, old.outputs, old.init_errors = found, inputs, outputs, errors
        old.refresh_before_update = again
        old.hide()

    def _repair(self) -> None:
        """Dependencies on what is gone are cut."""
        there: set[str] = set()
        for one in self._base.resources:
            one.dependencies = [urn for urn in one.dependencies if urn in there]
            one.property_dependencies = {
                key: [urn for urn in urns if urn in there] for key, urns in one.property_dependencies.items()
            }
            there.add(one.urn)

    # --- the program ---

    def invoke(self, token: str, provider: str, arguments: Any) -> Any:
        """A function of a plugin."""
        package = token.split(":", 1)[0]
        return self._process(provider or self._default_provider(package)).invoke(token, arguments)

    def register(self, goal: Goal) -> Resource:
        """What the program gets for a registration."""
        parent = self._goals.get(goal.parent)
        retain = goal.retain_on_delete
        if retain is None and parent is not None:
            retain = parent.retain_on_delete
        urn = urn_of(self._stack, self._project, goal.token, goal.name, goal.parent)
        provider = goal.provider
        if goal.custom and not goal.token.startswith(PROVIDERS) and not provider:
            provider = self._default_provider(goal.token.split(":", 1)[0])
        goal = Goal(**{**vars(goal), "retain_on_delete": retain, "provider": provider})
        self._goals[urn] = goal
        old = self._old(urn, goal)
        new = Resource(
            urn=urn,
            custom=goal.custom,
            parent=goal.parent,
            inputs=goal.inputs,
            provider=provider if goal.custom else "",
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            import_id=goal.import_id,
            retain_on_delete=bool(retain),
            refresh_before_update=old.refresh_before_update if old is not None else False,
            additional_secrets=goal.additional_secrets,
        )
        if not goal.custom:
            return self._component(old, new)
        if new.is_provider:
            return self._provider(old, new)
        return self._custom(goal, old, new)

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """The outputs of a component."""
        for resource in self._news:
            if resource.urn == urn and not resource.custom:
                resource.outputs = outputs
        self._save()

    def _old(self, urn: str, goal: Goal) -> Resource | None:
        there = {one.urn: one for one in self._base.resources if not one.delete}
        for candidate in self._aliases.candidates(urn, goal):
            if candidate in there:
                if candidate != urn:
                    self._aliases.used[urn] = candidate
                return there[candidate]
        return None

    def _component(self, old: Resource | None, new: Resource) -> Resource:
        if old is not None:
            new.outputs = old.outputs
            self._done.add(old)
        return self._keep(new)

    def _default_provider(self, package: str) -> str:
        token, name = PROVIDERS + package, "default"
        urn = urn_of(self._stack, self._project, token, name)
        if urn not in self._ids:
            prefix = f"{package}:"
            config = {
                key.removeprefix(prefix): value
                for key, value in self._options.config.items()
                if key.startswith(prefix)
            }
            new = Resource(urn, custom=True, inputs=Properties(config))
            there = {one.urn: one for one in self._base.resources if not one.delete}
            self._provider(there.get(urn), new)
        return f"{urn}::{self._ids[urn].id}"

    def _provider(self, old: Resource | None, new: Resource) -> Resource:
        """A provider: configured, and replaced only if its plugin says so."""
        process = self._plugins.start(new.type.removeprefix(PROVIDERS))
        config = Properties(configuration(new.inputs.values), new.inputs.secrets)
        _, refused = process.check_config(new.urn, None if old is None else old.inputs, config)
        if refused:
            self._stop(*refused)
        new.outputs = config
        replaces = changes = False
        if old is not None:
            known = Properties(configuration(old.inputs.values), old.inputs.secrets)
            difference = process.diff_config(new.urn, known, config)
            replaces, changes = bool(difference.replaces), difference.changes == SOME
        if old is None or replaces:
            new.id = uuid.uuid4().hex
            if old is not None:
                old.delete = True
        else:
            new.id = old.id
            self._done.add(old)
        reference = f"{new.urn}::{new.id}"
        # One that is as it was goes on with the process that the refresh has started, and what that remembers.
        if changes or self._plugins.get(reference) is None:
            process.configure(config.values)
            self._plugins.keep(reference, process)
        return self._keep(new)

    def _custom(self, goal: Goal, old: Resource | None, new: Resource) -> Resource:
        process = self._process(new.provider)
        known = None if old is None else old.import_id or old.id
        recreating = new.urn in self._condemned
        imported = False
        if goal.import_id and (old is None or known != goal.import_id):
            brought = self._imported(process, None if recreating else old, new)
            # The inputs that the import was declared with are compared with what it found.
            new = copy.copy(new)
            new.inputs = goal.inputs
            old, imported = brought, True
        targeted = old is not None and old.urn in self._options.replace
        new.inputs = self._with_ignored(goal, old, new.inputs)
        fresh = recreating or targeted or old is None
        new.inputs = self._checked(process, None if fresh or old is None else old.inputs, new)
        if old is None:
            return self._create(process, new, None)
        if recreating and not imported:
            self._condemned.discard(new.urn)
            return self._create(process, new, old)
        return self._from_diff(process, goal, old, new, imported=imported, targeted=targeted)

    def _with_ignored(self, goal: Goal, old: Resource | None, inputs: Properties) -> Properties:
        if old is None or not goal.ignore_changes:
            return inputs
        values = dict(inputs.values)
        for name in goal.ignore_changes:
            values.pop(name, None)
            if name in old.inputs.values:
                values[name] = old.inputs.values[name]
        return Properties(values, inputs.secrets)

    def _checked(self, process: Process, old: Properties | None, new: Resource) -> Properties:
        try:
            inputs, refused = process.check(new.urn, old, new.inputs)
        except Failure as failure:
            self._stop(failure.message)
        if refused:
            self._stop(*refused)
        return inputs

    def _from_diff(
        self, process: Process, goal: Goal, old: Resource, new: Resource, *, imported: bool, targeted: bool
    ) -> Resource:
        deletes_first = goal.delete_before_replace
        changes = replaces = True
        if not targeted and not self._provider_changed(old, new):
            try:
                difference = process.diff(new.urn, old.id, old.inputs, old.outputs, new.inputs)
            except Failure as failure:
                self._stop(failure.message)
            changes = difference.changes == SOME
            replaces = bool(difference.replaces)
            deletes_first = difference.deleteBeforeReplace if deletes_first is None else deletes_first
        if old.pending_replacement or (changes and replaces):
            if goal.import_id and not self._options.preview:
                self._stop("previously-imported resources that still specify an ID may not be replaced")
            if not targeted:
                new.inputs = self._checked(process, None, new)
            return self._replace(process, old, new, deletes_first=bool(deletes_first))
        if changes or old.init_errors:
            return self._update(process, old, new)
        if imported:
            return self._kept_import(old)
        new.id, new.outputs, new.init_errors = old.id, old.outputs, []
        self._done.add(old)
        return self._keep(new)

    def _kept_import(self, found: Resource) -> Resource:
        self._ids[found.urn] = found
        return found

    def _provider_changed(self, old: Resource, new: Resource) -> bool:
        """Whether the resource's provider became one that its plugin wouldn't let take over."""
        if old.provider == new.provider:
            return False
        before, now = old.provider.rpartition("::")[0], new.provider.rpartition("::")[0]
        if self._aliases.used.get(now) == before:
            return False
        known = next(one for one in self._base.resources if one.urn == before)
        process = self._process(new.provider)
        was, is_ = configuration(known.inputs.values), configuration(self._ids[now].inputs.values)
        return bool(process.diff_config(now, Properties(was), Properties(is_)).replaces)

    # --- after the program ---

    def finish(self) -> None:
        """Delete what wasn't registered and what was replaced: what depends on something goes before it."""
        seen = {*self._goals, *self._aliases.used.values(), *self._ids}
        going = [
            one
            for one in self._base.resources
            if one not in self._deleted and (one.delete or (one.urn not in seen and one not in self._done))
        ]
        while going:
            needed = {dependency for one in going for dependency in self._dependencies(one)}
            errors: list[Stopped] = []
            for one in [one for one in going if one not in needed]:
                going.remove(one)
                try:
                    self._gone(one)
                except Stopped as error:
                    errors.append(error)
            if errors:
                raise errors[0]

    def _gone(self, one: Resource) -> None:
        if one.pending_replacement:
            self._done.add(one)
            self._save()
        else:
            self._delete(one)

    def _dependencies(self, resource: Resource) -> list[Resource]:
        urns = resource.depends_on()
        before = self._base.resources[: self._base.resources.index(resource)]
        return [one for one in before if one.urn in urns]

    def close(self) -> None:
        """Write the state once more."""
        self._save()
