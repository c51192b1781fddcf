"""Whether a mesh can go into production: what was seen, and the setting that mends it."""
