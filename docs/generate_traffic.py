"""Writes docs/traffic.md: each setting and what it becomes: `python -m docs.generate_traffic`."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from components.config.parse import parse
from components.plan.traffic.rules import traffic_rules
from components.settings.stack import Settings
from docs.example_mesh import MESH, fenced, lines_of

FILE: Final = Path(__file__).with_name("traffic.md")

_INTRODUCTION: Final = """\
# Traffic

<!-- Written by `python -m docs.generate_traffic`; edit that script instead. -->

The document `oke-mesh:traffic` says which pods of a service answer, how often a request is tried
and when that ends. Each entry becomes a VirtualService and a DestinationRule of Istio's, the same
in every primary: an istiod reads its own cluster's only, and serves its remotes from them. Every
field is in [settings.md](settings.md); below is each with what it becomes.

`python -m ops traffic explain shop/cart --stack dev` says for the clients of each cluster where a
request goes and in what order, before anything is updated.

- A service is named `namespace/name`, or by its full host. Its rules stand in `istio-system`, so
  that its namespace may come later and by whatever tool. A DestinationRule in the service's own
  namespace, or in the client's, takes their place as a whole: Istio merges nothing.
- A version is the pods' label `version`, a cluster its key in `clusters`. Both may stand
  together.
- A route has weights that add up to 100. The first route that matches is taken.
- Clients are pods of the mesh. What comes in by an ingress gateway has routes of its own there;
  outlier detection, nearness and limits hold for it too.
- Regions are written as in `clusters`. The nodes of us-ashburn-1 and us-phoenix-1 say `iad` and
  `phx`, and the rules say what nodes say.
- What is behind a gateway counts as one endpoint: outlier detection leaves out a region as a
  whole, and a sticky session leads to a region, not to a pod in it.

## What holds without a word

Requests stay in their region while it answers, and leave it when it does not: a rule for
`*.local` has outlier detection, and with it Istio prefers what is near.
`traffic.mesh.localityFirst: false` takes it away. It leaves pods out for errors of the way to
them (502, 503, 504) and not for their own, and when nobody is left it asks all of them again: an
error of the service's own is not made an outage. The samples have a rule of their own, so that
the verification sees every cluster.
"""

_NAMES: Final = """\
## Names and who sees them

With `mesh.dnsCapture`, as by default, a pod's proxy answers its DNS: a service that another
cluster alone has has a name and an address everywhere, without a Service of that name beside the
client. A pod that was there before takes it when it starts anew. What `mesh.exports` says:

- `mesh.dnsCapture: true` is `ISTIO_META_DNS_CAPTURE` in the proxies' metadata. istiod gives
  addresses to hosts that have none (`PILOT_ENABLE_IP_AUTOALLOCATE`, on in Istio 1.31).
- `mesh.exports.clusterLocal: ["*.jobs.svc.cluster.local"]` is `meshConfig.serviceSettings` with
  `clusterLocal: true`: each cluster's pods answer that cluster's clients alone.
- `mesh.exports.visibleTo: [".", "istio-system"]` is `meshConfig.defaultServiceExportTo`. The
  annotation `networking.istio.io/exportTo` of a Service says otherwise for that one.

A headless Service, and so each pod of a StatefulSet by its name, is found in other clusters of
the same network. Across networks Istio does not carry it: its name table has no pods of another
network, since a gateway leads to a service and not to one of its pods. Such a name answers with
the client's own cluster's pods, or not at all. Give what is to be reached there a Service with an
address.
"""


class _Example(NamedTuple):
    title: str
    text: str
    settings: str


_EXAMPLES: Final = (
    _Example(
        "Versions by weight, tries and a timeout",
        "Up to three tries more of two seconds each, and ten seconds in all.",
        """
        routes:
          - to:
              - {version: v1, weight: 80}
              - {version: v2, weight: 20}
        timeout: 10s
        retries: {attempts: 3, perTryTimeout: 2s}
        """,
    ),
    _Example(
        "Clusters by weight",
        "Istio gives every endpoint the label `topology.istio.io/cluster`.",
        """
        routes:
          - to:
              - {cluster: primary, weight: 50}
              - {cluster: secondary, weight: 50}
        """,
    ),
    _Example(
        "A header, a cookie and a path",
        "",
        """
        versions: [v1, v2, v3]
        routes:
          - match: [{headers: {x-user: {exact: tester}}}]
            to: [{version: v2}]
          - match: [{cookie: {name: group, value: beta}, path: {prefix: /orders}}]
            to: [{version: v3}]
          - to: [{version: v1}]
        """,
    ),
    _Example(
        "Which region answers for one that does not",
        "The client's own comes first, then the one that is named, then all others.",
        """
        locality:
          failover:
            - {from: us-sanjose-1, to: us-ashburn-1}
        """,
    ),
    _Example(
        "Shares of regions",
        "Clients in other regions are spread over all pods.",
        """
        locality:
          distribute:
            - from: us-sanjose-1
              to:
                - {region: us-sanjose-1, weight: 70}
                - {region: us-ashburn-1, weight: 30}
        """,
    ),
    _Example(
        "Pods that fail are left out",
        "`consecutive5xxErrors` counts the service's own errors too.",
        """
        outlierDetection: {consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 1m}
        """,
    ),
    _Example(
        "Limits",
        "What is beyond them is refused with 503 at once.",
        """
        connectionPool: {maxConnections: 100, maxPendingRequests: 50}
        """,
    ),
    _Example(
        "Faults made on purpose",
        "",
        """
        routes:
          - match: [{headers: {x-drill: {exact: "yes"}}}]
            fault:
              delay: {percent: 10%, duration: 5s}
              abort: {percent: 1%, status: 503}
          - {}
        """,
    ),
    _Example(
        "Copies of requests",
        "What the copies are answered is thrown away.",
        """
        routes:
          - to: [{version: v1}]
            mirror: {version: v2, percent: 25%}
        """,
    ),
    _Example(
        "Sticky sessions",
        "Refused beside a split, which is decided anew for each request.",
        """
        stickySession: {cookie: session, ttl: 1h}
        """,
    ),
)


def render() -> str:
    """Return the whole page."""
    whole = _settings({})
    mesh = fenced(dict(traffic_rules(whole.traffic, whole.enabled_clusters)[0].objects))
    examples = [_example(example) for example in _EXAMPLES]
    return "\n".join([_INTRODUCTION, mesh, *examples, _NAMES])


def _example(example: _Example) -> str:
    given = yaml.safe_load(example.settings)
    found = _settings({"services": {"shop/cart": given}})
    *_, rule = traffic_rules(found.traffic, found.enabled_clusters)
    words = [f"## {example.title}", "", *([example.text, ""] if example.text else [])]
    body = "\n".join(f"      {line}" for line in lines_of(example.settings))
    above = "oke-mesh:traffic:\n  services:\n    shop/cart:"
    head = f"```yaml\n{above}\n{body}\n```\n\nbecomes\n"
    return "\n".join([*words, head, fenced(dict(rule.objects))])


def _settings(traffic: dict[str, Any]) -> Settings:
    return parse({**MESH, "traffic": traffic})


def main() -> None:
    """Write the page."""
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
