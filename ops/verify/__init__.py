"""The proof that the mesh carries traffic: what is asked, how the answers are judged and shown.

Parsing and judging are pure (`envoy`, `istiod`, `kubernetes`, `certificates`, `traffic`); `kubectl`
and `web` ask; `stages` puts the two together, and `suite` says in which order.
"""
