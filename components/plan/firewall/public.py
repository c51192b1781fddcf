"""Who comes in through a public east-west gateway, by the address that its calls come from; pure.

A peer whose VCN the program makes calls from its NAT gateway's address, and only that is let in.
What calls from an address that the program does not know is let in from anywhere, and is named.
Like every rule between clusters, a peer takes at most two.
"""

from collections.abc import Iterator, Mapping

from components.plan.firewall.between import MESH, WEBHOOK, XDS
from components.plan.firewall.rule import ANYWHERE, NatAddress, Rule, accept, tcp
from components.plan.plan import Member
from components.settings.mesh import Exposure

_ISTIOD = tcp(15012, 15017)


def public_gateway_rules(
    member: Member, peers: Mapping[str, Member], east_west: Exposure
) -> tuple[Rule, ...]:
    """Return what lets `peers`, by key, in to the east-west gateway of `member`."""
    if east_west is not Exposure.PUBLIC or not member.needs_east_west:
        return ()
    return (*_to_services(member, peers), *_to_istiod(member, peers))


def _to_services(member: Member, peers: Mapping[str, Member]) -> Iterator[Rule]:
    crossing = {key: peer for key, peer in peers.items() if key not in member.same_network}
    for key, peer in crossing.items():
        if _is_known(peer):
            yield accept(f"pods of {key} reach the east-west gateway", NatAddress(key), MESH)
    if not all(map(_is_known, crossing.values())):
        sentence = "anyone with a certificate of the mesh reaches the east-west gateway"
        yield accept(sentence, ANYWHERE, MESH)


def _to_istiod(member: Member, peers: Mapping[str, Member]) -> Iterator[Rule]:
    remotes = {key: peers[key] for key in member.remotes}
    for key, peer in remotes.items():
        if _is_known(peer):
            sentence = f"proxies and the control plane of {key} reach istiod"
            yield accept(sentence, NatAddress(key), _ISTIOD)
    if not all(map(_is_known, remotes.values())):
        yield accept("anyone reaches istiod for its proxies", ANYWHERE, XDS)
    # The control plane behind a public endpoint has an address of its own, besides the tunnel
    # through the workers.
    if not all(_is_known(peer) and not peer.has_public_endpoint for peer in remotes.values()):
        yield accept("anyone reaches the injector of istiod", ANYWHERE, WEBHOOK)


def _is_known(peer: Member) -> bool:
    """Return whether the program makes the NAT gateway that the peer's pods call through."""
    existing = peer.settings.existing
    return existing is None or existing.vcn_id is None
