"""The way in: host names at the ingress gateways, and their certificates."""
