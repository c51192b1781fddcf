"""The regions, clusters and ways of a mesh as a diagram, in the language of Mermaid; pure.

https://mermaid.js.org/syntax/flowchart.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_CLUSTER: Final = "      "


def topology(outputs: Mapping[str, Any]) -> str:
    """Return the diagram.

    Args:
        outputs: Of the stack; none of its secrets is read.
    """
    clusters: Mapping[str, Any] = outputs["clusters"]
    backbone: Mapping[str, Any] = outputs.get("backbone") or {}
    drgs: Sequence[str] = [*(backbone.get("drgs") or {})]
    regions = dict.fromkeys([*(one["region"] for one in clusters.values()), *drgs])
    nodes = {key: f"c{number}" for number, key in enumerate(clusters)}
    hubs = {region: f"drg{number}" for number, region in enumerate(regions) if region in drgs}
    lines = ["flowchart LR", "  users((users))"]
    for number, region in enumerate(regions):
        here = {key: one for key, one in clusters.items() if one["region"] == region}
        lines += [f'  subgraph r{number}["{_label(region)}"]']
        for key, one in here.items():
            lines += _cluster(nodes[key], key, one=one, istio=outputs["mesh"]["istioVersion"])
        if region in hubs:
            lines.append(f'    {hubs[region]}{{{{"DRG"}}}}')
            lines += [f"    {nodes[key]} --- {hubs[region]}" for key in here]
        lines.append("  end")
    lines += _peerings(backbone.get("peerings") or {}, hubs)
    lines += [f"  users --> {nodes[key]}in" for key in clusters]
    lines += _control(clusters, nodes)
    return "\n".join(lines)


def _cluster(node: str, key: str, *, one: Mapping[str, Any], istio: str) -> Iterator[str]:
    about = f"{key}: {one['name']}, {one.get('vcnCidr', '')}, {one['network']}"
    yield f'    subgraph {node}["{_label(about)}"]'
    if one["role"] == "primary":
        yield f'{_CLUSTER}{node}istiod["istiod {_label(istio)}"]'
    yield f'{_CLUSTER}{node}in["ingress gateway {_label(one.get("ingressAddress"))}"]'
    if one.get("eastWestAddress"):
        yield f'{_CLUSTER}{node}ew["east-west gateway {_label(one["eastWestAddress"])}"]'
    yield "    end"


def _peerings(peerings: Mapping[str, Any], hubs: Mapping[str, str]) -> Iterator[str]:
    for pair, peering in peerings.items():
        acceptor, _, requestor = pair.partition("_")
        if acceptor in hubs and requestor in hubs:
            status = _label(f"peering, {peering.get('status', 'unknown')}")
            yield f'  {hubs[requestor]} <-->|"{status}"| {hubs[acceptor]}'


def _control(clusters: Mapping[str, Any], nodes: Mapping[str, str]) -> Iterator[str]:
    """Yield who reads whom by a remote secret, and who serves the proxies of a remote."""
    for reader, one in clusters.items():
        if one["role"] != "primary":
            continue
        for read, other in clusters.items():
            if read != reader:
                serves = ", serves" if other.get("primary") == reader else ""
                yield f'  {nodes[reader]}istiod -.->|"reads{serves}"| {nodes[read]}'


def _label(text: Any) -> str:
    """Return a text as it may stand between quotation marks."""
    return str(text).replace('"', "'")
