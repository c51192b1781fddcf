"""The inputs whose change replaces a resource, for every type that the program makes.

From the resource schemas of the OCI provider (ForceNew) and the Kubernetes API's immutable
fields; a path ends where everything below it replaces too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.support.recorded import Registered

_METADATA: Final = ("metadata.name", "metadata.namespace")

REPLACING: Final[Mapping[str, tuple[str, ...]]] = {
    "oci:Core/vcn:Vcn": ("compartmentId", "dnsLabel", "cidrBlocks"),
    "oci:Core/subnet:Subnet": (
        "compartmentId",
        "vcnId",
        "availabilityDomain",
        "dnsLabel",
        "cidrBlock",
        "prohibitPublicIpOnVnic",
        "prohibitInternetIngress",
    ),
    "oci:Core/internetGateway:InternetGateway": ("vcnId",),
    "oci:Core/natGateway:NatGateway": ("vcnId", "publicIpId"),
    "oci:Core/serviceGateway:ServiceGateway": ("vcnId",),
    "oci:Core/routeTable:RouteTable": ("vcnId",),
    "oci:Core/defaultSecurityList:DefaultSecurityList": ("manageDefaultResourceId",),
    "oci:Core/securityList:SecurityList": ("vcnId",),
    "oci:Core/networkSecurityGroup:NetworkSecurityGroup": ("vcnId",),
    "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule": (
        "networkSecurityGroupId",
    ),
    "oci:Core/drg:Drg": (),
    "oci:Core/drgAttachment:DrgAttachment": ("drgId", "networkDetails", "vcnId"),
    "oci:Core/remotePeeringConnection:RemotePeeringConnection": (
        "drgId",
        "peerId",
        "peerRegionName",
    ),
    "oci:Core/instance:Instance": (
        "availabilityDomain",
        "metadata.user_data",
        "metadata.ssh_authorized_keys",
        "sourceDetails",
        "createVnicDetails.subnetId",
    ),
    "oci:ContainerEngine/cluster:Cluster": (
        "compartmentId",
        "vcnId",
        "clusterPodNetworkOptions",
        "kmsKeyId",
        "options.ipFamilies",
        "options.kubernetesNetworkConfig",
        "options.serviceLbSubnetIds",
        "endpointConfig.subnetId",
    ),
    "oci:ContainerEngine/nodePool:NodePool": (
        "clusterId",
        "compartmentId",
        "nodeImageId",
        "nodeImageName",
    ),
    "oci:ContainerEngine/addon:Addon": ("clusterId", "addonName"),
    "oci:HealthChecks/httpMonitor:HttpMonitor": (),
    "oci:Dns/rrset:Rrset": ("domain", "rtype", "zoneNameOrId"),
    "oci:Dns/steeringPolicy:SteeringPolicy": ("answers", "rules"),
    "oci:Dns/steeringPolicyAttachment:SteeringPolicyAttachment": (
        "domainName",
        "steeringPolicyId",
        "zoneId",
    ),
    "kubernetes:core/v1:Namespace": _METADATA,
    "kubernetes:core/v1:Secret": (*_METADATA, "type"),
    "kubernetes:core/v1:Service": _METADATA,
    "kubernetes:core/v1:ServicePatch": _METADATA,
    "kubernetes:apps/v1:Deployment": (*_METADATA, "spec.selector"),
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": (*_METADATA, "roleRef"),
    "kubernetes:helm.sh/v3:Release": ("name", "namespace"),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": _METADATA,
    "kubernetes:networking.istio.io/v1:DestinationRule": _METADATA,
    "kubernetes:networking.istio.io/v1:Gateway": _METADATA,
    "kubernetes:networking.istio.io/v1:VirtualService": _METADATA,
    "kubernetes:security.istio.io/v1:PeerAuthentication": _METADATA,
    "command:local:Command": ("triggers",),
    "tls:index/privateKey:PrivateKey": ("algorithm", "ecdsaCurve", "rsaBits"),
    "tls:index/selfSignedCert:SelfSignedCert": ("",),
    "tls:index/certRequest:CertRequest": ("",),
    "tls:index/locallySignedCert:LocallySignedCert": (
        "certRequestPem",
        "caPrivateKeyPem",
        "caCertPem",
        "allowedUses",
        "validityPeriodHours",
        "isCaCertificate",
        "maxPathLength",
        "setSubjectKeyId",
    ),
}


def changed_paths(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each input that differs; a list is one input."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from changed_paths(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif before != after:
        yield path


def replacing_paths(before: Registered, after: Registered) -> list[str]:
    """Return the changed inputs that replace a resource: by its type, or by its own options."""
    # The engine takes the options of the new registration, whose paths may end in `[*]`.
    asked = (path.partition("[")[0] for path in after.options.get("replaceOnChanges", ()))
    forced = (*REPLACING[after.type], *asked)
    return [
        path
        for path in changed_paths(before.inputs, after.inputs)
        if any(name in (path, "") or path.startswith(f"{name}.") for name in forced)
    ]
