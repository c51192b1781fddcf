"""The mesh: Istio in every cluster, joined by gateways and remote secrets.

The order follows from data and from the races that the parts name: every primary comes up by
itself; a remote waits for the address of its primary's east-west gateway; a remote's gateways
wait until its primary reads it, because only then does injection work there. Everyone else reads
a cluster when the way into it is open, and not before (ADR 0011).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.cloud.owner import Owner, TagRole
from components.cluster.cluster import ClusterApi
from components.context import Context
from components.mesh.charts import IstioRelease, create_release
from components.mesh.control_plane import ControlPlane, ControlPlaneArgs
from components.mesh.exposed_services import ExposedServices, ExposedServicesArgs
from components.mesh.extension import extension_of
from components.mesh.gateway import Gateway, GatewayArgs
from components.mesh.load_balancer_policy import LoadBalancerPolicy, LoadBalancerPolicyArgs
from components.mesh.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.mesh.outside import OutsideHosts, OutsideHostsArgs
from components.mesh.pull_secret import docker_config
from components.mesh.remote_secret import RemoteSecret, RemoteSecretArgs
from components.mesh.system import IstioSystem, IstioSystemArgs
from components.mesh.values import (
    EGRESS,
    INGRESS,
    GatewayKind,
    Values,
    east_west,
    egress_values,
)
from components.network.details import VcnDetails
from components.pki.bundle import CaBundle
from components.plan.plan import Member, Plan
from components.settings.clusters import SubnetRole
from components.settings.mesh import Exposure, LoadBalancers, MeshSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class MeshArgs:
    """The plan, the settings of the mesh, and what every enabled cluster gives by its key."""

    plan: Plan
    settings: MeshSettings
    owner: Owner
    vcns: Mapping[str, VcnDetails]
    apis: Mapping[str, ClusterApi]
    bundles: Mapping[str, CaBundle]
    """What each primary's istiod signs with."""
    command: pulumi.ProviderResource
    """With which drains wait."""
    oci: Mapping[str, pulumi.ProviderResource]
    """By region; with which addresses are reserved."""
    docker_config: pulumi.Output[str] | None = None
    """Secret; with what images are pulled, where their registry asks."""
    extension: Values = field(default_factory=dict)
    """What other settings than the mesh's add to its configuration."""

    @classmethod
    def of(
        cls,
        context: Context,
        *,
        vcns: Mapping[str, VcnDetails],
        apis: Mapping[str, ClusterApi],
        bundles: Mapping[str, CaBundle],
    ) -> "MeshArgs":
        """Return the mesh that the settings ask for."""
        return cls(
            plan=context.plan,
            settings=context.settings.mesh,
            owner=context.owner,
            vcns=vcns,
            apis=apis,
            bundles=bundles,
            command=context.providers.command,
            oci=context.providers.oci,
            docker_config=docker_config(
                context.settings.mesh.registry, context.secrets.registry_token
            ),
            extension=extension_of(context.settings),
        )


class Mesh(pulumi.ComponentResource):
    """One mesh over all clusters; with `mesh.enabled: false` only its namespaces and cacerts."""

    ingress_addresses: Mapping[str, pulumi.Output[str]]
    """By cluster key; empty when the mesh is not enabled."""
    east_west_addresses: Mapping[str, pulumi.Output[str]]
    """By the keys of the clusters that have such a gateway."""
    reader_kubeconfigs: Mapping[str, pulumi.Output[str]]
    """Secret; with which each cluster is read, by its key."""
    reader_tokens_since: Mapping[str, pulumi.Output[str]]
    """When the token of each of them was made, by the same keys."""
    ready: Mapping[str, Sequence[pulumi.Resource]]
    """By cluster key, what must be there before a workload of the mesh."""
    gateways: Mapping[str, Sequence[pulumi.Resource]]
    """By cluster key, every way in."""

    def __init__(
        self, name: str, args: MeshArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:Mesh", name, None, opts)
        self._args = args
        systems = {key: self._system(member) for key, member in args.plan.members.items()}
        installed = args.plan.members.values() if args.settings.enabled else ()
        primaries = [member for member in installed if member.is_primary]
        remotes = [member for member in installed if not member.is_primary]

        planes = {m.key: self._control_plane(m, systems[m.key], None) for m in primaries}
        exposures = {m.key: self._exposure(m, planes[m.key]) for m in primaries}
        # A gateway that is ready has its listeners, if what it exposes was there before it.
        injected: dict[str, Sequence[pulumi.Resource]] = {
            m.key: [planes[m.key].istiod, exposures[m.key]] for m in primaries
        }
        gateways = {m.key: self._east_west(m, injected[m.key]) for m in _with_east_west(primaries)}
        for member in remotes:
            address = gateways[member.primary].address
            planes[member.key] = self._control_plane(member, systems[member.key], address)
        own = {m.key: self._reads_remotes(m, planes) for m in primaries}
        # On a remote, pods are injected by its primary, which is reached through its exposed
        # gateway, whose address the remote has, and signs the webhook's certificate authority in
        # once it reads the remote.
        injected |= {m.key: [own[m.primary]] for m in remotes}
        gateways |= {m.key: self._east_west(m, injected[m.key]) for m in _with_east_west(remotes)}
        for member in primaries:
            self._reads_others(member, planes, gateways)
        ingress = {m.key: self._ingress(m, injected[m.key]) for m in installed}
        for member in installed:
            self._egress(member, injected[member.key])
            self._network_policies(member, systems[member.key])

        self.reader_kubeconfigs = {key: plane.reader_kubeconfig for key, plane in planes.items()}
        self.reader_tokens_since = {key: plane.reader_token_since for key, plane in planes.items()}
        self.ingress_addresses = {key: gateway.address for key, gateway in ingress.items()}
        self.east_west_addresses = {key: gateway.address for key, gateway in gateways.items()}
        # A remote is read before the way into it is open, so its workloads wait for that.
        ways = {m.key: [gateways[m.key]] for m in _with_east_west(remotes)}
        self.ready = {m.key: [*injected[m.key], *ways.get(m.key, ())] for m in installed}
        self.gateways = {
            key: [way for way in (ingress[key], gateways.get(key)) if way] for key in ingress
        }
        self.register_outputs({})

    def _opts(self, member: Member) -> pulumi.ResourceOptions:
        kubernetes = self._args.apis[member.key].kubernetes
        oci = self._args.oci[member.settings.region]
        return pulumi.ResourceOptions(parent=self, providers=[kubernetes, self._args.command, oci])

    def _system(self, member: Member) -> IstioSystem:
        args = IstioSystemArgs(
            member=member,
            mesh=self._args.settings,
            primary_name=self._args.plan.members[member.primary].settings.name,
            bundle=self._args.bundles.get(member.key),
            docker_config=self._args.docker_config,
        )
        system = IstioSystem(f"{member.key}-istio-system", args, self._opts(member))
        if self._args.settings.load_balancers is LoadBalancers.INTERNAL:
            after = LoadBalancerPolicyArgs(system=system)
            LoadBalancerPolicy(f"{member.key}-load-balancers", after, self._opts(member))
        return system

    def _network_policies(self, member: Member, system: IstioSystem) -> None:
        args = NetworkPoliciesArgs(member=member, mesh=self._args.settings, system=system)
        NetworkPolicies(f"{member.key}-network-policies", args, self._opts(member))

    def _control_plane(
        self, member: Member, system: IstioSystem, pilot_address: pulumi.Output[str] | None
    ) -> ControlPlane:
        args = ControlPlaneArgs(
            member=member,
            mesh=self._args.settings,
            system=system,
            server=self._args.apis[member.key].server,
            pilot_address=pilot_address,
            extension=self._args.extension,
        )
        return ControlPlane(f"{member.key}-istio", args, self._opts(member))

    def _reads_remotes(self, reader: Member, planes: Mapping[str, ControlPlane]) -> RemoteSecret:
        """Let a primary read its own remotes, as soon as it can.

        That is before their gateways are there, so it would send others to a remote's pods
        directly; `ready` keeps workloads back until then.
        """
        kubeconfigs = {key: planes[key].reader_kubeconfig for key in reader.remotes}
        rights = [planes[key].istiod for key in (reader.key, *kubeconfigs)]
        return self._remote_secret(reader, "remotes", kubeconfigs, requires=rights)

    def _reads_others(
        self, reader: Member, planes: Mapping[str, ControlPlane], gateways: Mapping[str, Gateway]
    ) -> None:
        """Let a primary read the clusters that it does not serve, when the way there is open."""
        kubeconfigs = {
            key: planes[key].reader_kubeconfig
            if key in reader.same_network
            else _after(gateways[key].address, planes[key].reader_kubeconfig)
            for key in reader.peers
            if key not in reader.remotes
        }
        rights = [planes[key].istiod for key in (reader.key, *kubeconfigs)]
        self._remote_secret(reader, "others", kubeconfigs, requires=rights)

    def _remote_secret(
        self,
        reader: Member,
        readable: str,
        kubeconfigs: Mapping[str, pulumi.Output[str]],
        *,
        requires: Sequence[pulumi.Resource],
    ) -> RemoteSecret:
        members = self._args.plan.members
        args = RemoteSecretArgs(
            readable=readable,
            kubeconfigs={members[key].settings.name: text for key, text in kubeconfigs.items()},
            requires=requires,
        )
        return RemoteSecret(f"{reader.key}-reads-{readable}", args, self._opts(reader))

    def _east_west(self, member: Member, requires: Sequence[pulumi.Resource]) -> Gateway:
        kind = east_west(member.settings.network)
        return self._gateway(member, kind, requires)

    def _ingress(self, member: Member, requires: Sequence[pulumi.Resource]) -> Gateway:
        return self._gateway(member, INGRESS, requires)

    def _gateway(
        self, member: Member, kind: GatewayKind, requires: Sequence[pulumi.Resource]
    ) -> Gateway:
        vcn = self._args.vcns[member.key]
        mesh = self._args.settings
        settings = mesh.east_west if kind.network else mesh.ingress
        is_public = settings.exposure is Exposure.PUBLIC
        args = GatewayArgs(
            kind=kind,
            member=member,
            settings=settings,
            mesh=mesh,
            subnet_id=vcn.subnet_ids[SubnetRole.PUBLIC_LB if is_public else SubnetRole.INTERNAL_LB],
            nsg_id=vcn.nsg_ids[SubnetRole.PUBLIC_LB if is_public else SubnetRole.INTERNAL_LB],
            title=self._args.owner.title(member.key, kind.short_name),
            tags=self._args.owner.tags(TagRole.GATEWAY, member.key),
            defined_tags=self._args.owner.defined_tags,
            requires=requires,
        )
        return Gateway(f"{member.key}-{kind.short_name}", args, self._opts(member))

    def _egress(self, member: Member, requires: Sequence[pulumi.Resource]) -> None:
        settings = self._args.settings
        if not settings.istio.egress:
            return
        what = IstioRelease(chart="gateway", release=EGRESS.release, values=egress_values(settings))
        # The pod's image is `auto`: without a working injector it cannot start.
        after = self._opts(member)
        after.depends_on = [*requires]
        gateway = create_release(f"{member.key}-egressgateway", what, settings, opts=after)
        if member.is_primary and settings.egress.hosts:
            args = OutsideHostsArgs(hosts=settings.egress.hosts, requires=[*requires, gateway])
            OutsideHosts(f"{member.key}-outside", args, self._opts(member))

    def _exposure(self, member: Member, plane: ControlPlane) -> ExposedServices:
        args = ExposedServicesArgs(
            member=member,
            mesh=self._args.settings,
            spans_networks=len(self._args.plan.networks) > 1,
            requires=[plane.istiod],
        )
        return ExposedServices(f"{member.key}-exposure", args, self._opts(member))


def _with_east_west(members: Iterable[Member]) -> list[Member]:
    """Return the members that others reach through an east-west gateway."""
    return [member for member in members if member.needs_east_west]


def _after(address: pulumi.Output[str], kubeconfig: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return the kubeconfig, known only when the gateway into its cluster has an address."""
    return pulumi.Output.all(address, kubeconfig).apply(lambda known: known[1])
