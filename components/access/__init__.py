"""The way to private endpoints: the operator host and the tunnel through it."""
