"""What the operator host may do inside a cluster.

IAM lets it use clusters, which is to sign in; everything else comes from a role binding, as
https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengaboutaccesscontrol.htm describes.
"""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.access.operator_host import OperatorHost
from components.cloud.owner import Owner
from components.context import Context

_RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True, slots=True)
class HostRightsArgs:
    """Who gets which rights."""

    owner: Owner
    instance_id: pulumi.Input[str]
    """Of the operator host; another one when the host is replaced."""
    dynamic_group_id: str | None
    """The group that the host is a member of, whichever host that is."""
    cluster_role: str

    @classmethod
    def of(cls, context: Context, host: OperatorHost) -> "HostRightsArgs":
        """Return the rights that the settings give to the host."""
        access = context.settings.access
        return cls(
            owner=context.owner,
            instance_id=host.instance_id,
            dynamic_group_id=access.dynamic_group_id,
            cluster_role=access.cluster_role,
        )


class HostRights(pulumi.ComponentResource):
    """One cluster's role binding for the host."""

    def __init__(
        self, name: str, args: HostRightsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:access:HostRights", name, None, opts)
        names = {"User": args.instance_id, "Group": args.dynamic_group_id}
        subjects = [
            k8s.rbac.v1.SubjectArgs(kind=kind, name=name, api_group=_RBAC)
            for kind, name in names.items()
            if name is not None
        ]
        k8s.rbac.v1.ClusterRoleBinding(
            f"{name}-binding",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args.owner.title("operator")),
            role_ref=k8s.rbac.v1.RoleRefArgs(
                api_group=_RBAC, kind="ClusterRole", name=args.cluster_role
            ),
            subjects=subjects,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
