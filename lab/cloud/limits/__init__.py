"""Service limits: how much of each there is, and how much is taken."""
