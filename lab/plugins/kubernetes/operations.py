"""What is done to one object on the cluster during one call of the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lab.plugins.base.errors import InitError, PluginError
from lab.plugins.base.provider import Call, State
from lab.plugins.base.values import Properties
from lab.plugins.kubernetes.api_errors import ApiError
from lab.plugins.kubernetes.applying import Applier
from lab.plugins.kubernetes.cluster import Cluster
from lab.plugins.kubernetes.discovery import Resource, UnknownKindError
from lab.plugins.kubernetes.kinds import Kind, object_id
from lab.plugins.kubernetes.objects import (
    DELETION_PROPAGATION,
    PATCH_FORCE,
    SKIP_AWAIT,
    annotation,
    is_marked,
    name_of,
    namespace_of,
    with_metadata,
)
from lab.plugins.kubernetes.outputs import live_outputs
from lab.plugins.kubernetes.readiness import Phase, rule_for
from lab.plugins.kubernetes.waiting import NotReadyError, Wait, time_limit

Result = TypeVar("Result")

PROPAGATION = {"orphan": "Orphan", "background": "Background"}
DEFAULT_PROPAGATION = "Foreground"
# A namespace or a definition that was made a moment ago may not be served everywhere yet.
CREATE_RETRIES_S = (0.2, 0.4, 0.8, 1.6, 3.2)
# Only for these does the released plugin let the annotation skip the wait for a deletion.
DELETES_UNAWAITED = frozenset(
    {"DaemonSet", "Deployment", "Job", "Namespace", "Pod", "ReplicationController", "StatefulSet"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Operations:
    """The steps of an operation on an object that the cluster serves."""

    cluster: Cluster
    kind: Kind
    call: Call
    manager: str

    def make(self, inputs: Properties) -> Properties:
        """Create the object, or take it over where the settings allow that."""
        return self._retrying(lambda: self._make(inputs))

    def change(self, old: Properties, inputs: Properties) -> Properties:
        """Bring an existing object to its new inputs."""
        applier, document = self.placed(inputs)
        self.require_existing(applier, document)
        if self.cluster.settings.server_side:
            return applier.apply(document)
        return applier.merge(self.placed(old)[1], document)

    def settle(self, inputs: Properties, live: Properties) -> Properties:
        """Wait until the object is ready; from here on a failure keeps it in the state."""
        rule = rule_for(inputs)
        if rule is None:
            return live
        try:
            return self._wait(inputs).until_ready(live, rule)
        except NotReadyError as error:
            raise self._unsettled(error.reasons, error.live) from error
        except PluginError as error:
            raise self._unsettled([str(error)], live) from error

    def found(self, inputs: Properties, live: Properties, read: State) -> State:
        """The state that a read gives; one that is not ready is told, and kept all the same."""
        rule = rule_for(inputs)
        if rule is None or self.kind.is_patch:
            return read
        verdict = self._wait(inputs).judge(live, rule)
        if verdict.phase is Phase.READY:
            return read
        raise InitError(
            [f"{self.kind} {read.id}: {verdict.reason}"],
            resource_id=read.id,
            outputs=read.outputs,
            inputs=read.inputs,
        )

    def remove(self, inputs: Properties, document: Properties) -> None:
        """Delete the object and wait until it is gone."""
        applier, document = self.placed(document)
        live = applier.find(document)
        if live is None:
            return
        if self.kind.is_patch:
            applier.relinquish(document)
            return
        policy = (annotation(inputs, DELETION_PROPAGATION) or "").lower()
        applier.delete(document, PROPAGATION.get(policy, DEFAULT_PROPAGATION))
        if is_marked(inputs, SKIP_AWAIT) and self.kind.name in DELETES_UNAWAITED:
            return
        self._wait(inputs).until_gone(live)

    def placed(self, inputs: Properties) -> tuple[Applier, Properties]:
        """The writer for the object, and the document with the namespace that its kind has."""
        resource = self.cluster.discovery.resource(self.kind)
        namespace = namespace_of(inputs) or self.cluster.namespace
        document = with_metadata(inputs, namespace=namespace if resource.namespaced else None)
        settings = self.cluster.settings
        applier = Applier(
            client=self.cluster.client,
            resource=resource,
            manager=self.manager,
            force=settings.force or is_marked(inputs, PATCH_FORCE),
        )
        return applier, document

    def refuse_existing(self, applier: Applier, document: Properties) -> None:
        """Creating an object of a name that is taken would take it from whoever made it."""
        if self.kind.is_patch or self.cluster.settings.upsert:
            return
        if applier.find(document) is not None:
            raise PluginError(
                f"{self.kind} {identify(document)}: exists already; import it "
                f"(`pulumi import`), give this one another name, or set upsertExistingObjects on "
                f"the provider to take it over"
            )

    def require_existing(self, applier: Applier, document: Properties) -> None:
        if applier.find(document) is None:
            raise PluginError(
                f"{self.kind} {identify(document)}: deleted behind the program's back; run "
                f"`pulumi refresh`, after which an up makes it anew"
            )

    def _make(self, inputs: Properties) -> Properties:
        applier, document = self.placed(inputs)
        self.refuse_existing(applier, document)
        server_side = self.cluster.settings.server_side
        return applier.apply(document) if server_side else applier.create(document)

    def _retrying(self, action: Callable[[], Result]) -> Result:
        for delay in CREATE_RETRIES_S:
            try:
                return action()
            except UnknownKindError as error:
                self.call.report(str(error))
            except ApiError as error:
                if not error.is_not_found:
                    raise
                self.call.report(str(error))
            if self.call.cancelled.wait(delay):
                break
        return action()

    def _wait(self, inputs: Properties) -> Wait:
        resource: Resource = self.cluster.discovery.resource(self.kind)
        return Wait(
            client=self.cluster.client,
            discovery=self.cluster.discovery,
            call=self.call,
            resource=resource,
            limit=time_limit(self.call, inputs),
        )

    def _unsettled(self, reasons: list[str], live: Properties) -> InitError:
        first = f"{self.kind} {identify(live)}: made, but not ready: {reasons[0]}"
        return InitError(
            [first, *reasons[1:]],
            resource_id=identify(live),
            outputs=live_outputs(live, self.manager),
        )


def identify(document: Properties) -> str:
    """The id of an object: `namespace/name` or `name`."""
    return object_id(namespace_of(document), name_of(document))
