"""The controller for Services of type LoadBalancer, as OCI's cloud controller manager is.

`wanted` reads a Service and its annotations, `balancer` brings the load balancer to it,
`controller` follows one cluster's Services, `manager` has one controller for each cluster.
"""
