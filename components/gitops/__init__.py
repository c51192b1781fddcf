"""What a GitOps tool works with: an account in each cluster, namespaces, and what says so."""
