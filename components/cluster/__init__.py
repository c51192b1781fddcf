"""OKE clusters with their node pools, and the operator host that reaches them."""
