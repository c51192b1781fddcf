"""What every plugin shares: property values, schemas from the SDKs, and the gRPC service.

A plugin is a `Provider` (provider.py) with a table of `Resource`s and functions, and a function
`provider()` in its package that makes it; `serve.py` runs that.
"""
