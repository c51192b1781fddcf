"""Which resource types and lookups the `oci` plugin serves, and how it is configured."""

from __future__ import annotations

from lab.plugins.base.diffing import Diff, compare
from lab.plugins.base.provider import Checked, Provider
from lab.plugins.base.store import load_package
from lab.plugins.oci import functions
from lab.plugins.oci.compute import Instance
from lab.plugins.oci.containers import Cluster, NodePool
from lab.plugins.oci.network import (
    Drg,
    DrgAttachment,
    InternetGateway,
    NatGateway,
    Peering,
    PublicIp,
    RouteTable,
    ServiceGateway,
    Subnet,
    Vcn,
)
from lab.plugins.oci.resource import CloudResource
from lab.plugins.oci.security import (
    DefaultSecurityList,
    SecurityGroup,
    SecurityList,
    SecurityRule,
)
from lab.plugins.oci.session import AUTH, Session
from sdks.checking import Failure
from sdks.reader import Selection
from sdks.values import Properties

RESOURCES: tuple[type[CloudResource], ...] = (
    Vcn,
    Subnet,
    InternetGateway,
    NatGateway,
    ServiceGateway,
    RouteTable,
    SecurityList,
    DefaultSecurityList,
    SecurityGroup,
    SecurityRule,
    Drg,
    DrgAttachment,
    Peering,
    PublicIp,
    Instance,
    Cluster,
    NodePool,
)
SELECTION = Selection(
    package="pulumi_oci",
    resources=tuple(item.kind.source for item in RESOURCES),
    functions=(*(item.source for item in functions.LOOKUPS), functions.KUBECONFIG_SOURCE),
)


class Oci(Provider):
    """One provider instance: one region, one identity."""

    def __init__(self) -> None:
        super().__init__(load_package(SELECTION))
        self.session = Session({})
        for made in RESOURCES:
            schema = self.schema.resources[made.kind.type]
            self.resources[made.kind.type] = made(schema, self.checker, self.session)
        for lookup in functions.LOOKUPS:
            self.functions[lookup.name] = functions.Answer(
                lookup=lookup,
                schema=self.schema.functions[lookup.name],
                session=self.session,
                types=dict(self.schema.types),
            )
        self.functions[functions.KUBECONFIG] = functions.KubeConfig(session=self.session)

    def check_config(self, news: Properties) -> Checked:
        checked = super().check_config(news)
        auth = news.get("auth")
        if isinstance(auth, str) and auth != AUTH:
            fault = Failure("auth", f"the lab's plugin signs in with {AUTH} only, got {auth!r}")
            return Checked(checked.inputs, [*checked.failures, fault])
        return checked

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        # What exists in one region is not found in another.
        return Diff(compare(olds, news, lambda path: path[0] == "region"))

    def configure(self, config: Properties) -> None:
        self.session.settings.update(config)


def provider() -> Provider:
    return Oci()
