"""Networks, gateways, peering, addresses and instances.

`records` says what each resource is; `vcn`, `gateways`, `routing`, `security`, `drg`, `peering`,
`vnics` and `compute` have the rules; `kinds` is the table of both; `routes` is what HTTP sees.
"""
