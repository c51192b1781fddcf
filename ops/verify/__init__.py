"""The proof that the mesh carries traffic: what is asked, how the answers are judged and shown.

Parsing and judging are pure (`answers`, `certificates`, `envoy`, `istiod`, `kubernetes`, `shards`,
`traffic`); `kubectl` and `web` ask; `states`, `planes`, `proxies`, `credentials` and `rounds` put
the two together, and `suite` says in which order.
"""
