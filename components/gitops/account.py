"""The account of a GitOps tool in one cluster, and the namespaces that it works in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.cloud.kubeconfig import token_kubeconfig
from components.cluster.cluster import ClusterApi
from components.context import Context
from components.gitops.argo_cd import cluster_secret
from components.mesh.account_token import create_token
from components.mesh.namespaces import Level, injected_labels, pod_security
from components.plan.gitops import ACCOUNT, NAMESPACE
from components.plan.plan import Member
from components.samples.samples import create_injected
from components.settings.clusters import Endpoint
from components.settings.gitops import GitOpsSettings, NamespaceOwner, Scope
from components.settings.mesh import MeshSettings

_RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountArgs:
    """The cluster, what the tool may do in it, and the address that the tool is told."""

    member: Member
    mesh: MeshSettings
    settings: GitOpsSettings
    server: pulumi.Input[str | None]
    """URL of the API; there is one, as rules of the settings see to."""
    title: str
    """Of what binds the tool, in the whole cluster or in each namespace."""
    requires: Sequence[pulumi.Resource]
    """What makes the injection of proxies work."""

    @classmethod
    def of(
        cls,
        context: Context,
        key: str,
        *,
        settings: GitOpsSettings,
        api: ClusterApi,
        public: pulumi.Input[str | None],
        requires: Sequence[pulumi.Resource],
    ) -> "AccountArgs":
        """Return the account in the cluster `key`."""
        return cls(
            member=context.plan.members[key],
            mesh=context.settings.mesh,
            settings=settings,
            server=public if settings.endpoint is Endpoint.PUBLIC else api.server,
            title=context.owner.title("gitops"),
            requires=requires,
        )


class Account(pulumi.ComponentResource):
    """A ServiceAccount with the rights of the settings and no other, and its token."""

    argo_cd_secret: pulumi.Output[str]
    """Secret: what makes Argo CD know the cluster."""
    kubeconfig: pulumi.Output[str]
    """Secret; it names neither a program nor a proxy."""
    token_since: pulumi.Output[str]

    def __init__(
        self, name: str, args: AccountArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:gitops:Account", name, None, opts)
        account = self._account(name, args)
        if args.settings.scope is Scope.CLUSTER:
            self._bind(name, args, account)
            self._namespaces(name, args)
        else:
            inside = self._namespaces(name, args)
            self._bind_inside(name, args, account=account, namespaces=inside)
        token = create_token(
            name,
            account=account.metadata.name,
            namespace=account.metadata.namespace,
            opts=pulumi.ResourceOptions(parent=self),
        )
        known = pulumi.Output.all(token.data, args.server)
        self.argo_cd_secret = known.apply(
            lambda found: cluster_secret(
                args.member, args.mesh.id, args.settings, server=found[1], data=found[0]
            )
        )
        self.kubeconfig = known.apply(
            lambda found: token_kubeconfig(
                args.member.settings.name, server=found[1], data=found[0]
            )
        )
        self.token_since = token.since
        self.register_outputs({})

    def _account(self, name: str, args: AccountArgs) -> k8s.core.v1.ServiceAccount:
        child = pulumi.ResourceOptions(parent=self)
        namespace = k8s.core.v1.Namespace(
            f"{name}-namespace",
            # No pod runs here.
            metadata={
                "name": NAMESPACE,
                "labels": pod_security(args.mesh.pod_security, Level.RESTRICTED),
            },
            opts=child,
        )
        return k8s.core.v1.ServiceAccount(
            f"{name}-account",
            metadata={"name": ACCOUNT, "namespace": namespace.metadata.name},
            automount_service_account_token=False,
            opts=child,
        )

    def _namespaces(self, name: str, args: AccountArgs) -> dict[str, pulumi.Input[str]]:
        """Return the namespaces that the tool works in, by name; make those of the stack."""
        names = args.settings.namespaces
        if args.settings.namespace_owner is NamespaceOwner.TOOL:
            return {each: each for each in names}
        # Kept where the settings give one up: with it would go all that the tool brought there.
        kept = pulumi.ResourceOptions(
            parent=self, depends_on=[*args.requires], retain_on_delete=True
        )
        labels = injected_labels(args.mesh)
        return {each: create_injected(f"{name}-{each}", each, labels, opts=kept) for each in names}

    def _bind(self, name: str, args: AccountArgs, account: k8s.core.v1.ServiceAccount) -> None:
        k8s.rbac.v1.ClusterRoleBinding(
            f"{name}-binding",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args.title),
            role_ref=_role(args),
            subjects=_subjects(account),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _bind_inside(
        self,
        name: str,
        args: AccountArgs,
        *,
        account: k8s.core.v1.ServiceAccount,
        namespaces: Mapping[str, pulumi.Input[str]],
    ) -> None:
        for each, namespace in namespaces.items():
            k8s.rbac.v1.RoleBinding(
                f"{name}-{each}-binding",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=args.title, namespace=namespace),
                role_ref=_role(args),
                subjects=_subjects(account),
                opts=pulumi.ResourceOptions(parent=self),
            )


def _role(args: AccountArgs) -> k8s.rbac.v1.RoleRefArgs:
    return k8s.rbac.v1.RoleRefArgs(api_group=_RBAC, kind="ClusterRole", name=args.settings.role)


def _subjects(account: k8s.core.v1.ServiceAccount) -> list[k8s.rbac.v1.SubjectArgs]:
    return [
        k8s.rbac.v1.SubjectArgs(
            kind="ServiceAccount",
            name=account.metadata.name,
            namespace=account.metadata.namespace,
        )
    ]
