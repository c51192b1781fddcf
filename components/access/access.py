"""The way to private endpoints: the operator host, where one is asked for, and a tunnel.

Made before the clusters, whose Kubernetes providers go through the tunnel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.access.operator_host import USER, OperatorHost, OperatorHostArgs
from components.access.tunnel import ConsoleArgs, Tunnel, TunnelArgs, own_port
from components.cloud.kubeconfig import SignIn, cli_sign_in
from components.cloud.owner import Owner
from components.context import Context
from components.network.details import VcnDetails
from components.plan.plan import Member, Plan
from components.providers import Providers
from components.settings.clusters import SubnetRole
from components.settings.stack import AccessMode, AccessSettings, HostVerification


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessArgs:
    """Who needs a way in, and where the host may be."""

    plan: Plan
    settings: AccessSettings
    istio_version: str
    """For istioctl on the host, unless the settings name another."""
    vcns: Mapping[str, VcnDetails]
    """By cluster key."""
    kubernetes_versions: Sequence[pulumi.Input[str]]
    """Of the clusters."""
    owner: Owner
    providers: Providers
    sign_in: SignIn
    """Of the OCI command line, as the program itself."""

    @classmethod
    def of(cls, context: Context, *, vcns: Mapping[str, VcnDetails]) -> "AccessArgs":
        """Return the access that the settings ask for."""
        return cls(
            plan=context.plan,
            settings=context.settings.access,
            istio_version=context.settings.mesh.istio.version,
            vcns=vcns,
            kubernetes_versions=[found.version for found in context.kubernetes.values()],
            owner=context.owner,
            providers=context.providers,
            sign_in=cli_sign_in(context.settings.oci),
        )


class Access(pulumi.ComponentResource):
    """Reaches every private endpoint, once `proxy_url` is known."""

    proxy_url: pulumi.Output[str] | None
    """For the kubeconfigs of private endpoints: of the tunnel, or a proxy of the user's own. None
    where each endpoint is reached directly."""
    host: OperatorHost | None
    """Where the tunnel leads through; None where the settings ask for none."""
    private_key_path: str | None
    """Of the key that signs in to the host; None leaves the choice to ssh."""
    tunnel: TunnelArgs | None
    """The tunnel on this machine; None without one."""
    host_keys: pulumi.Output[list[str]] | None
    """Public keys of the host; None where the tunnel takes the one of its first use."""

    def __init__(
        self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:access:Access", name, None, opts)
        self.host = self.tunnel = self.proxy_url = self.host_keys = None
        self.private_key_path = args.settings.ssh_private_key_path
        member = args.plan.operator
        if member:
            self.host = self._host(args, member)
        is_needed = args.plan.has_private_endpoints
        if is_needed and args.settings.proxy_url:
            self.proxy_url = pulumi.Output.from_input(args.settings.proxy_url)
        elif is_needed and member and self.host and args.settings.mode is AccessMode.TUNNEL:
            self.tunnel = self._tunnel_args(args, member, self.host)
            options = pulumi.ResourceOptions(parent=self, providers=[args.providers.command])
            tunnel = Tunnel(f"{name}-tunnel", self.tunnel, options)
            self.proxy_url, self.host_keys = tunnel.proxy_url, tunnel.host_keys
        # The outputs of the stack come with the end of its first update only, which may be killed.
        self.register_outputs({"proxyUrl": self.proxy_url, **self.document})

    @property
    def document(self) -> dict[str, pulumi.Input[str] | pulumi.Output[list[str]] | int | None]:
        """What `ops tunnel open` is told: the output `access` of the stack."""
        host, tunnel = self.host, self.tunnel
        return {
            "host": host.public_ip if host else None,
            "hostId": host.instance_id if host else None,
            "hostKeys": self.host_keys,
            "user": USER if host else None,
            "privateKeyPath": self.private_key_path,
            "sshCommand": host.ssh_command if host else None,
            "socksPort": tunnel.port if tunnel else None,
            "owner": tunnel.owner if tunnel else None,
        }

    def _host(self, args: AccessArgs, member: Member) -> OperatorHost | None:
        if args.settings.ssh_public_key is None:
            return None
        vcn = args.vcns[member.key]
        host = OperatorHostArgs(
            plan=args.plan,
            owner=args.owner,
            subnet_id=vcn.subnet_ids[SubnetRole.OPERATOR],
            nsg_id=vcn.nsg_ids[SubnetRole.OPERATOR],
            ssh_public_key=args.settings.ssh_public_key,
            istioctl=args.settings.istioctl or args.istio_version,
            kubernetes_versions=args.kubernetes_versions,
            settings=args.settings,
        )
        options = pulumi.ResourceOptions(
            parent=self, providers=[args.providers.oci[member.settings.region]]
        )
        return OperatorHost(member.key, host, options)

    def _tunnel_args(self, args: AccessArgs, member: Member, host: OperatorHost) -> TunnelArgs:
        # Of two stacks of one name only one can be in a compartment.
        owner = f"{args.owner.title()} in {member.compartment_id}"
        by_console = args.settings.host_verification is HostVerification.CONSOLE
        console = ConsoleArgs(region=member.settings.region, sign_in=args.sign_in)
        return TunnelArgs(
            host=host.public_ip,
            host_id=host.instance_id,
            user=USER,
            owner=owner,
            port=args.settings.socks_port or own_port(owner),
            private_key_path=args.settings.ssh_private_key_path,
            console=console if by_console else None,
            requires=[host],
        )
