"""OKE: clusters, node pools and their nodes, work requests, kubeconfigs.

A cluster or a pool is ACTIVE when the machines behind it are ready, so its passing states end
with the hosts and not after polls.
"""
