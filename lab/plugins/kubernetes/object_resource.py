"""One kind of object as the engine sees it: check, diff, preview, create, read, update, delete."""

from __future__ import annotations

from dataclasses import dataclass, field

from typing_extensions import override

from lab.plugins.base.checking import Checker
from lab.plugins.base.diffing import Diff, compare
from lab.plugins.base.provider import Call, Checked, Resource, State
from lab.plugins.base.schema import ResourceSchema
from lab.plugins.base.values import Path, Properties, conceal, has_unknown
from lab.plugins.kubernetes.api_errors import FORBIDDEN, ApiError
from lab.plugins.kubernetes.applying import Applier
from lab.plugins.kubernetes.checking import Defaults, check_object
from lab.plugins.kubernetes.cluster import Cluster
from lab.plugins.kubernetes.drifting import drifted_object
from lab.plugins.kubernetes.kinds import CLUSTER_SCOPED, Kind, split_id
from lab.plugins.kubernetes.objects import (
    AUTONAMED,
    FIELD_MANAGER,
    PATCH_FIELD_MANAGER,
    annotation,
    automatic_name,
    dig,
    field_manager,
    from_server,
    is_marked,
    name_of,
    namespace_of,
    secret_paths,
    with_metadata,
)
from lab.plugins.kubernetes.operations import Operations, identify
from lab.plugins.kubernetes.outputs import created_preview, imported_inputs, live_outputs
from lab.plugins.kubernetes.replacing import fixed_fields, forces_replace


@dataclass(slots=True)
class Memory:
    """What one call of this process tells a later one."""

    in_state: set[str] = field(default_factory=set)
    """URNs that the state knows: an object of their name on the cluster is most likely their own,
    and its replacement is previewed while the old one still stands."""


class ObjectResource(Resource):
    """Objects of one kind; a patch of the kind owns some fields of somebody else's object."""

    def __init__(self, kind: Kind, cluster: Cluster, memory: Memory) -> None:
        schema = ResourceSchema(token=str(kind), inputs={}, outputs={})
        super().__init__(schema, Checker({}))
        self.kind = kind
        self.cluster = cluster
        self.memory = memory

    @override
    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        if olds:
            self.memory.in_state.add(call.urn)
            if self.cluster.is_skipped(call):
                return Checked(olds)
        checked = check_object(self.kind, news, olds, defaults=self._defaults(call))
        if self.kind.name == "CustomResourceDefinition" and not checked.failures:
            self._announce(checked.inputs)
        return Checked(_hidden(checked.inputs), checked.failures)

    @override
    def diff(self, call: Call, old: State, news: Properties) -> Diff:
        before, after = self._comparable(old.inputs, news), self._comparable(news, old.inputs)
        fixed = fixed_fields(self.kind, news, self.cluster.settings.mutable)
        changes = compare(before, after, lambda path: forces_replace(path, fixed))
        same_object = (name_of(before), namespace_of(before)) == (
            name_of(after),
            namespace_of(after),
        )
        # Two objects of one name cannot stand side by side; one that nobody named gets a new name.
        must_go_first = same_object and not is_marked(news, AUTONAMED)
        return Diff(changes, delete_before_replace=must_go_first)

    @override
    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        if self.kind.is_patch or not self._can_preview(call, inputs):
            return inputs
        operations = self._operations(call, field_manager(call.urn))
        applier, document = operations.placed(inputs)
        if call.urn in self.memory.in_state:
            if applier.find(document) is not None:
                return inputs
        else:
            operations.refuse_existing(applier, document)
        dry = _dry_run(applier, document)
        return inputs if dry is None else created_preview(dry, inputs)

    @override
    def create(self, call: Call, inputs: Properties) -> State:
        self.cluster.require()
        manager = annotation(inputs, PATCH_FIELD_MANAGER) or field_manager(call.urn)
        operations = self._operations(call, manager)
        live = operations.settle(inputs, operations.make(inputs))
        return State(identify(live), inputs, live_outputs(live, manager))

    @override
    def read(self, call: Call, state: State) -> State | None:
        if self.cluster.is_dropped(call):
            return None
        if self.cluster.is_skipped(call):
            return state
        self.cluster.require()
        # A kind that is not served any more took its objects with it.
        if self.cluster.discovery.find(self.kind) is None:
            return None
        manager = str(state.outputs.get(FIELD_MANAGER) or field_manager(call.urn))
        operations = self._operations(call, manager)
        applier, document = operations.placed(_reference(state.id))
        live = applier.find(document)
        if live is None:
            return None
        outputs = live_outputs(live, manager)
        if not state.inputs:
            return State(state.id, _hidden(imported_inputs(live)), outputs)
        inputs = drifted_object(state.inputs, state.outputs, from_server(live))
        return operations.found(state.inputs, live, State(state.id, _hidden(inputs), outputs))

    @override
    def preview_update(self, call: Call, old: State, news: Properties) -> Properties:
        if not self._can_preview(call, news):
            return news
        manager = _manager(call, old, news)
        operations = self._operations(call, manager)
        applier, document = operations.placed(news)
        operations.require_existing(applier, document)
        dry = _dry_run(applier, document)
        return news if dry is None else live_outputs(dry, manager)

    @override
    def update(self, call: Call, old: State, news: Properties) -> Properties:
        self.cluster.require()
        manager, former = _manager(call, old, news), _manager(call, old, old.inputs)
        operations = self._operations(call, manager)
        live = operations.change(old.inputs, news)
        if manager != former:
            applier, document = self._operations(call, former).placed(news)
            applier.relinquish(document)
        return live_outputs(operations.settle(news, live), manager)

    @override
    def delete(self, call: Call, old: State) -> None:
        if self.cluster.is_dropped(call):
            return
        self.cluster.require()
        if self.cluster.discovery.find(self.kind) is None:
            return
        operations = self._operations(call, _manager(call, old, old.inputs))
        operations.remove(old.inputs, _reference(old.id))

    @override
    def secret_outputs(self, outputs: Properties) -> frozenset[Path]:
        return secret_paths(outputs)

    def _operations(self, call: Call, manager: str) -> Operations:
        return Operations(cluster=self.cluster, kind=self.kind, call=call, manager=manager)

    def _can_preview(self, call: Call, inputs: Properties) -> bool:
        """Whether the server can be asked what it would make of the inputs."""
        if has_unknown(inputs) or not self.cluster.settings.server_side:
            return False
        if self.cluster.fault is not None:
            call.warn(
                f"cluster is unreachable, so this preview shows the inputs alone: "
                f"{self.cluster.fault}"
            )
            return False
        return self.cluster.discovery.find(self.kind) is not None

    def _defaults(self, call: Call) -> Defaults:
        return Defaults(
            new_name=lambda: automatic_name(call.name), namespace=self._default_namespace
        )

    def _default_namespace(self) -> str | None:
        return self.cluster.namespace if self._is_namespaced() else None

    def _is_namespaced(self) -> bool:
        # A preview in which nothing changes gets by without a connection, and so without a sign-in.
        if self.kind.is_built_in or self.cluster.fault is not None:
            return self.kind.name not in CLUSTER_SCOPED
        return self.cluster.discovery.is_namespaced(self.kind)

    def _announce(self, definition: Properties) -> None:
        group, kind = dig(definition, "spec", "group"), dig(definition, "spec", "names", "kind")
        if self.cluster.fault is None and isinstance(group, str) and isinstance(kind, str):
            scope = dig(definition, "spec", "scope")
            self.cluster.discovery.announce(group, kind, namespaced=scope != "Cluster")

    def _comparable(self, inputs: Properties, other: Properties) -> Properties:
        """The inputs with the namespace that counts: whether one was filled in is no change."""
        namespace = dig(inputs, "metadata", "namespace")
        metadata = dig(inputs, "metadata")
        if not isinstance(metadata, dict) or namespace == dig(other, "metadata", "namespace"):
            return inputs
        if not self._is_namespaced():
            return with_metadata(inputs, namespace=None)
        return with_metadata(inputs, namespace=namespace or self.cluster.namespace)


def _hidden(inputs: Properties) -> Properties:
    """The inputs with a Secret's content marked secret, also where the program did not."""
    hidden: Properties = conceal(inputs, secret_paths(inputs))
    return hidden


def _reference(identity: str) -> Properties:
    namespace, name = split_id(identity)
    return {"metadata": {"namespace": namespace, "name": name}}


def _manager(call: Call, old: State, inputs: Properties) -> str:
    kept = old.outputs.get(FIELD_MANAGER)
    return annotation(inputs, PATCH_FIELD_MANAGER) or str(kept or field_manager(call.urn))


def _dry_run(applier: Applier, document: Properties) -> Properties | None:
    """What the server would make of the document; None if it cannot tell yet."""
    try:
        return applier.apply(document, dry_run=True)
    except ApiError as error:
        if error.is_missing_namespace or error.status.code == FORBIDDEN:
            return None
        raise
