"""Networks, gateways, peering, addresses and instances.

`vcn`, `gateways`, `routing`, `security`, `drg`, `peering`, `vnics` and `compute` hold the state
and its rules; `kinds` is the table of them; `routes` is what HTTP sees.
"""
