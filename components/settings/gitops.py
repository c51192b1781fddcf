"""A GitOps tool that takes over: where it runs, what it may, and whose the namespaces are."""

from enum import StrEnum

from pydantic import Field

from components.settings.clusters import Endpoint
from components.settings.types import ClusterRole, DnsLabel, Model, Positive


class Scope(StrEnum):
    """Where in a cluster the rights of the tool hold."""

    NAMESPACES = "namespaces"
    CLUSTER = "cluster"


class NamespaceOwner(StrEnum):
    """Who makes the namespaces that the tool works in."""

    STACK = "stack"
    TOOL = "tool"


class GitOpsSettings(Model):
    """The document `oke-mesh:gitops`: an account for the tool in every cluster."""

    scope: Scope = Scope.NAMESPACES
    """Whether the role holds in `namespaces` alone, or in the whole cluster."""
    role: ClusterRole = "edit"
    """What the tool may do there: the name of a ClusterRole, which has to be there. The mesh's own
    kinds are not in `edit`."""
    namespaces: tuple[DnsLabel, ...] = ()
    """Namespaces that the tool works in, in every cluster."""
    namespace_owner: NamespaceOwner = NamespaceOwner.STACK
    """Who makes them. Those of the tool bear the labels of the output `gitopsAccess`; where its
    role holds in them alone, they have to be there before."""
    from_: str | None = Field(default=None, alias="from")
    """Key of the cluster that the tool runs in, whose pods may then call the Kubernetes API of
    every other over the backbone; none opens nothing."""
    endpoint: Endpoint = Endpoint.PRIVATE
    """Which address of the Kubernetes API the tool is told."""
    project: DnsLabel | None = None
    """The project of Argo CD that the clusters are kept to; none leaves them to all."""
    token_days: Positive = 180
    """Age in days from which a preview warns of the token of the tool."""
