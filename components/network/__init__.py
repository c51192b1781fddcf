"""The network of one cluster: VCN, subnets, gateways, routes and security groups."""
