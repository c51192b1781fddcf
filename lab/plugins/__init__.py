"""Resource plugins of the lab: used where the vendors' own are not installed."""
