"""The container images of the lab, under the names that production pulls."""
