"""Who comes in through a public east-west gateway, by the address that its calls come from; pure.

A peer whose VCN the program makes calls from its NAT gateway's address, and only that is let in.
For a VCN of one's own the settings say from where; nobody else comes in, and never the world.
Like every rule between clusters, a peer takes at most two, and one more for each further address.
"""

from collections.abc import Iterator, Mapping, Sequence

from components.plan.firewall.between import EVERY_GATEWAY_PORT, MESH, WEBHOOK
from components.plan.firewall.rule import (
    EndpointAddress,
    NatAddress,
    Rule,
    Side,
    Traffic,
    accept,
    tcp,
)
from components.plan.plan import Member
from components.settings.mesh import Exposure

_ISTIOD = tcp(15012, 15017)


def public_gateway_rules(
    member: Member, peers: Mapping[str, Member], east_west: Exposure
) -> tuple[Rule, ...]:
    """Return what lets `peers`, by key, in to the east-west gateway of `member`."""
    if east_west is not Exposure.PUBLIC or not member.needs_east_west:
        return ()
    return tuple(rule for peer in peers.values() for rule in _of_peer(member, peer))


def _of_peer(member: Member, peer: Member) -> Iterator[Rule]:
    is_remote, crosses = peer.key in member.remotes, peer.key not in member.same_network
    if is_remote and crosses:
        sentence = f"pods, proxies and the control plane of {peer.key} reach the east-west gateway"
        yield from _from_each(sentence, _callers(peer), EVERY_GATEWAY_PORT)
    elif crosses:
        sentence = f"pods of {peer.key} reach the east-west gateway"
        yield from _from_each(sentence, _callers(peer), MESH)
    elif is_remote:
        sentence = f"proxies and the control plane of {peer.key} reach istiod"
        yield from _from_each(sentence, _callers(peer), _ISTIOD)
    # The control plane behind a public endpoint calls from there, besides the tunnel through the
    # workers.
    if is_remote and peer.has_public_endpoint:
        sentence = f"the control plane of {peer.key} calls the injector from its public endpoint"
        yield accept(sentence, EndpointAddress(peer.key), WEBHOOK)


def _callers(peer: Member) -> tuple[Side, ...]:
    """Return where the calls of a peer's pods come from."""
    existing = peer.settings.existing
    if existing is None or existing.vcn_id is None:
        return (NatAddress(peer.key),)
    return existing.egress_cidrs


def _from_each(sentence: str, sides: Sequence[Side], traffic: Traffic) -> Iterator[Rule]:
    """Yield a rule for each side, whose sentences differ."""
    for number, side in enumerate(sides):
        yield accept(sentence if number == 0 else f"{sentence}, {side}", side, traffic)
