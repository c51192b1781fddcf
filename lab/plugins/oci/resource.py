"""A resource of the API that follows the rule of kinds.py; others override a step of it."""

from __future__ import annotations

import functools
import importlib
from typing import Any

from lab.plugins.base.diffing import Diff, PropertyChange, compare
from lab.plugins.base.diffing import Kind as Change
from lab.plugins.base.errors import InitError, PluginError
from lab.plugins.base.provider import Call, Resource, State
from lab.plugins.oci import replacing, waits
from lab.plugins.oci.drift import Projection, without_ignored_tags
from lab.plugins.oci.faults import asked, found
from lab.plugins.oci.kinds import Kind
from lab.plugins.oci.mapping import Mapper
from lab.plugins.oci.session import Session
from sdks.checking import Checker
from sdks.schema import ResourceSchema
from sdks.values import Path, Properties


class CloudResource(Resource):
    """One resource type of one provider instance."""

    kind: Kind

    def __init__(self, schema: ResourceSchema, checker: Checker, session: Session) -> None:
        super().__init__(schema, checker)
        self.session = session

    @property
    def client(self) -> Any:
        return self.session.client(self.kind.client)

    @functools.cached_property
    def mapper(self) -> Mapper:
        module = self.kind.client.partition(".")[0]
        models = importlib.import_module(f"oci.{module}.models")
        return Mapper(models=models, types=self.checker.types, renamed=self.kind.renamed)

    def operation(self, verb: str) -> Any:
        return getattr(self.client, f"{verb}_{self.kind.noun}")

    def forces_replace(self, path: Path) -> bool:
        return replacing.forces_replace(
            self.kind, self.schema.inputs, path, types=self.checker.types
        )

    def diff(self, call: Call, old: State, news: Properties) -> Diff:
        changes = compare(old.inputs, news, self.forces_replace, unordered=replacing.is_set)
        return Diff([change for change in changes if not self._keeps(old, change)])

    def _keeps(self, old: State, change: PropertyChange) -> bool:
        """A setting that the program no longer names keeps its value; there is nothing to do.

        An element that is gone from a list or a map is a change.
        """
        if change.kind is not Change.DELETE or isinstance(change.path[-1], int):
            return False
        value: Any = old.inputs
        for step in change.path[:-1]:
            value = value[step]
        is_tag = len(change.path) > 1 and "ags" in str(change.path[-2])
        return not is_tag and not isinstance(value[change.path[-1]], list)

    def create(self, call: Call, inputs: Properties) -> State:
        made = self.make(call, inputs)
        try:
            self.complete(call, made, inputs)
            live = waits.until_ready(
                call,
                functools.partial(self.get, made),
                ready=self.kind.ready,
                within=self.kind.creates_within,
            )
        except PluginError as fault:
            raise self._partial(fault, made, inputs) from fault
        return State(made, inputs, self.outputs(live, inputs))

    def make(self, call: Call, inputs: Properties) -> str:
        """Ask the API for the resource; give its id."""
        return str(asked(self.operation("create"), self.create_details(inputs)).data.id)

    def create_details(self, inputs: Properties) -> Any:
        return self.mapper.to_model(f"Create{self.kind.title}Details", self._own(inputs))

    def complete(self, call: Call, made: str, inputs: Properties) -> None:
        """What else a new resource needs, after the API has given it an id."""

    def get(self, resource_id: str) -> Any:
        return asked(self.operation("get"), resource_id).data

    def read(self, call: Call, state: State) -> State | None:
        live = found(functools.partial(self.get, state.id))
        if live is None or live.lifecycle_state in waits.GONE:
            return None
        inputs = self.projected_inputs(state.inputs, self.live(live))
        return State(state.id, inputs, self.outputs(live, inputs))

    def projected_inputs(self, inputs: Properties, live: Properties) -> Properties:
        return Projection(self.checker.types).inputs(self.schema.inputs, inputs, live)

    def live(self, model: Any) -> Properties:
        """The properties that the API tells."""
        patterns = self.session.settings.get("ignoreDefinedTags") or ()
        told = self.mapper.to_properties(self.schema.outputs, model)
        return without_ignored_tags(told, patterns)

    def outputs(self, model: Any, inputs: Properties) -> Properties:
        return {**inputs, **self.live(model)}

    def update(self, call: Call, old: State, news: Properties) -> Properties:
        changed = {str(change.path[0]) for change in self.diff(call, old, news).changes}
        values = {name: self._value(news, name) for name in changed}
        try:
            self.change(call, old, values)
            live = waits.until_ready(
                call,
                functools.partial(self.get, old.id),
                ready=self.kind.ready,
                within=self.kind.creates_within,
            )
        except PluginError as fault:
            raise self._partial(fault, old.id, old.inputs) from fault
        return self.outputs(live, news)

    def _value(self, news: Properties, name: str) -> Any:
        if news.get(name) is not None:
            return news[name]
        # The program took a list or map away: it becomes empty.
        kind = self.schema.inputs[name].type
        return [] if kind[0] == "list" else {}

    def change(self, call: Call, old: State, values: Properties) -> None:
        """Bring the changed inputs to the API."""
        if rest := self._own(values):
            details = self.mapper.to_model(f"Update{self.kind.title}Details", rest, partial=True)
            asked(self.operation("update"), old.id, details)

    def delete(self, call: Call, old: State) -> None:
        within = self.kind.deletes_within
        waits.until_allowed(call, functools.partial(self.remove, call, old), within=within)
        waits.until_gone(call, functools.partial(self.get, old.id), within=within)

    def remove(self, call: Call, old: State) -> None:
        asked(self.operation("delete"), old.id)

    def _own(self, inputs: Properties) -> Properties:
        """The inputs that the create and update models carry."""
        return {name: value for name, value in inputs.items() if name not in self.kind.apart}

    def _partial(self, fault: PluginError, resource_id: str, inputs: Properties) -> InitError:
        """The fault together with what exists by now, so that the engine does not lose it."""
        live = found(functools.partial(self.get, resource_id))
        outputs = inputs if live is None else self.outputs(live, inputs)
        return InitError([str(fault)], resource_id=resource_id, outputs=outputs)
