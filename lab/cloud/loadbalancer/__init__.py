"""Load balancers: listeners, backend sets, backends and their health."""
