"""The rules between clusters, by topology; pure.

The other side is always a range, because a rule cannot name a group of another VCN. A peer takes
at most two rules of any group, which is what keeps fifty clusters within OCI's limit; where that
needs a wider rule on one side, the other side is the narrow one. An existing VCN with further
ranges takes one more for each of them.
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import Final

from components.plan.firewall.inside import KUBERNETES_API
from components.plan.firewall.rule import ALL_TCP, ANYWHERE, Rule, RuleTable, accept, reach, tcp
from components.plan.plan import Member
from components.settings.clusters import SubnetRole
from components.settings.mesh import Exposure

# Ports of the east-west gateway, as Istio's gateway chart sets them.
XDS: Final = tcp(15012)
WEBHOOK: Final = tcp(15017)
GATEWAY_HEALTH: Final = tcp(15021)
MESH: Final = tcp(15443)
ISTIOD_AND_HEALTH: Final = tcp(15012, 15021)
MESH_AND_HEALTH: Final = tcp(15021, 15443)
EVERY_GATEWAY_PORT: Final = tcp(15012, 15443)

_Entry = tuple[SubnetRole, Rule]


def cross_rules(member: Member, peers: Mapping[str, Member], east_west: Exposure) -> RuleTable:
    """Return what the groups of `member` hold because other clusters exist.

    Args:
        member: The cluster whose groups are meant.
        peers: Every other enabled cluster by key.
        east_west: Where the address of the east-west gateways comes from.
    """
    entries = [entry for peer in peers.values() for entry in _of_peer(member, peer, east_west)]
    if east_west is Exposure.PUBLIC:
        entries += _to_public_gateways(member)
    return {role: tuple(rule for at, rule in entries if at is role) for role in member.subnets}


def rules_of_peer(member: Member, peer: Member, east_west: Exposure) -> RuleTable:
    """Return what the groups of `member` hold because of one peer: at most two rules each."""
    entries = list(_of_peer(member, peer, east_west))
    return {role: tuple(rule for at, rule in entries if at is role) for role in member.subnets}


def _of_peer(member: Member, peer: Member, east_west: Exposure) -> Iterator[_Entry]:
    pods = member.pod_source
    if peer.key in member.same_network:
        yield from ((pods, rule) for rule in _flat(member, peer))
    else:
        yield from ((pods, rule) for rule in _from_pods(member, peer, east_west))
    if east_west is Exposure.INTERNAL:
        yield from ((SubnetRole.INTERNAL_LB, rule) for rule in _at_gateway(member, peer))
    yield from ((SubnetRole.API, rule) for rule in _at_api(member, peer, east_west))


def _flat(member: Member, peer: Member) -> Iterator[Rule]:
    """Pods of one network: one rule in, one out."""
    pods = peer.subnets[peer.pod_source]
    yield accept(f"pods of {peer.key} call pods on their network", pods, ALL_TCP)
    if member.calls_apis or _takes_from(member, peer):
        # istiod or a GitOps tool also calls the peer's API, and a remote's proxies also need the
        # peer's istiod: all are let in narrowly over there.
        sentence = f"pods call pods on their network and the control plane in {peer.key}"
        yield from _in_vcn(peer, lambda words, vcn: reach(f"{sentence}{words}", vcn, ALL_TCP))
    else:
        yield reach(f"pods call pods on their network in {peer.key}", pods, ALL_TCP)


def _from_pods(member: Member, peer: Member, east_west: Exposure) -> Iterator[Rule]:
    """Pods of another network: one rule out to the gateway, one to the API."""
    if east_west is Exposure.INTERNAL:
        gateway = peer.subnets[SubnetRole.INTERNAL_LB]
        ports = EVERY_GATEWAY_PORT if _takes_from(member, peer) else MESH_AND_HEALTH
        yield reach(f"pods reach the east-west gateway of {peer.key}", gateway, ports)
    if member.calls_apis:
        caller = "istiod reads" if member.is_primary else "the GitOps tool calls"
        api = peer.subnets[SubnetRole.API]
        yield reach(f"{caller} the Kubernetes API of {peer.key}", api, KUBERNETES_API)


def _at_gateway(member: Member, peer: Member) -> Iterator[Rule]:
    """At the internal east-west gateway: one rule in for the mesh, one for the rest."""
    source = peer.subnets[peer.pod_source]
    is_other_network = peer.key not in member.same_network
    if is_other_network:
        yield accept(f"pods of {peer.key} reach the east-west gateway", source, MESH)
    if _takes_from(peer, member):
        # Webhook calls come from the API subnet and the rest from pods: the range of the VCN
        # is the one that has both.
        sentence = f"proxies and the control plane of {peer.key} reach istiod"
        yield from _in_vcn(
            peer, lambda words, vcn: accept(f"{sentence}{words}", vcn, ISTIOD_AND_HEALTH)
        )
    elif is_other_network:
        sentence = f"pods of {peer.key} ask the east-west gateway for its health"
        yield accept(sentence, source, GATEWAY_HEALTH)


def _at_api(member: Member, peer: Member, east_west: Exposure) -> Iterator[Rule]:
    """At the Kubernetes API: one rule in for all who read it, one out to the injector."""
    sentence = f"{peer.key} reads the Kubernetes API"
    if peer.calls_apis and peer.has_operator:
        # Pods and the operator host: the range of the VCN is the one that has both.
        yield from _in_vcn(
            peer, lambda words, vcn: accept(f"{sentence}{words}", vcn, KUBERNETES_API)
        )
    elif peer.calls_apis:
        yield accept(sentence, peer.subnets[peer.pod_source], KUBERNETES_API)
    elif peer.has_operator:
        yield accept(sentence, peer.subnets[SubnetRole.OPERATOR], KUBERNETES_API)
    if _takes_from(member, peer) and east_west is Exposure.INTERNAL:
        gateway = peer.subnets[SubnetRole.INTERNAL_LB]
        yield reach(f"the control plane calls the injector of {peer.key}", gateway, WEBHOOK)


def _in_vcn(peer: Member, rule: Callable[[str, IPv4Network], Rule]) -> Iterator[Rule]:
    """Yield a rule for the VCN of a peer: one, but for existing VCNs with further ranges."""
    first, *others = peer.ranges
    yield rule("", first)
    yield from (rule(f", {other}", other) for other in others)


def _takes_from(remote: Member, primary: Member) -> bool:
    """Return whether the istiod of `primary` serves `remote`."""
    return remote.key in primary.remotes


def _to_public_gateways(member: Member) -> Iterator[_Entry]:
    """Out to east-west gateways on public addresses, which are not known before they exist.

    Who comes in through them is told by `components.plan.firewall.public`.
    """
    pods = member.pod_source
    if len(member.same_network) < len(member.peers):
        yield pods, reach("pods reach public east-west gateways", ANYWHERE, MESH)
    if not member.is_primary:
        sentence = "the control plane calls the injector of the primary"
        yield pods, reach("proxies reach istiod of the primary", ANYWHERE, XDS)
        yield SubnetRole.API, reach(sentence, ANYWHERE, WEBHOOK)
        if member.pod_source is SubnetRole.WORKERS:
            # With flannel the control plane's calls go through the tunnel and leave from workers.
            yield SubnetRole.WORKERS, reach(sentence, ANYWHERE, WEBHOOK)
