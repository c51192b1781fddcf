"""Who may ask what of the namespace of observability: nobody but who is named here; pure.

Neither Prometheus nor Alertmanager nor Jaeger has a login. Their proxies let in those of the mesh
who need them, by identity, whatever the mesh allows by default; people come by Grafana and Kiali.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from components.mesh.objects import Spec
from components.plan.observability import (
    ALERTMANAGER,
    GRAFANA,
    KIALI,
    NAMESPACE,
    PROMETHEUS,
    SPANS_PORT,
    TRACES_PORT,
    TRACING,
    VIEW,
)
from components.samples.samples import ingress_identity
from components.settings.observability import ObservabilitySettings

PART: Final = "oke-mesh/part"
"""The label of a pod that says what of observability it is, for the policies."""

_ANYONE_OF_THE_MESH: Final = "*"
_WRITE: Final = "/api/v1/write"


def policies(settings: ObservabilitySettings, trust_domain: str) -> Mapping[str, Spec]:
    """Return AuthorizationPolicies by name; an istiod reads them, so a primary holds them."""

    def own(*accounts: str) -> list[str]:
        return [f"{trust_domain}/ns/{NAMESPACE}/sa/{account}" for account in accounts]

    users = [ingress_identity(trust_domain)]
    readers = own(GRAFANA, KIALI)
    found: dict[str, Spec] = {
        # One that allows, and has no rule, allows nothing.
        "nobody-else": {"action": "ALLOW"},
        PROMETHEUS: _allow(PROMETHEUS, _rule(own(PROMETHEUS), methods=["GET"], paths=["/metrics"])),
        VIEW: _allow(
            VIEW,
            _rule(own(PROMETHEUS), methods=["POST"], paths=[_WRITE]),
            _rule(readers, methods=["GET", "POST"], notPaths=[_WRITE]),
        ),
        ALERTMANAGER: _allow(
            ALERTMANAGER,
            _rule(own(PROMETHEUS, VIEW), methods=["POST"], paths=["/api/v2/alerts"]),
        ),
    }
    if settings.grafana.host:
        found[GRAFANA] = _allow(GRAFANA, _rule(users))
    if settings.kiali and settings.kiali.host:
        found[KIALI] = _allow(KIALI, _rule(users))
    if settings.tracing:
        found[TRACING] = _allow(
            TRACING,
            _rule([_ANYONE_OF_THE_MESH], ports=[str(SPANS_PORT)]),
            _rule(readers, ports=[str(TRACES_PORT)]),
        )
    return found


def _allow(part: str, *rules: Spec) -> Spec:
    return {"selector": {"matchLabels": {PART: part}}, "action": "ALLOW", "rules": [*rules]}


def _rule(principals: Sequence[str], **operation: Sequence[str]) -> Spec:
    who: Spec = {"from": [{"source": {"principals": [*principals]}}]}
    what = {name: [*values] for name, values in operation.items()}
    return {**who, "to": [{"operation": what}]} if what else who
