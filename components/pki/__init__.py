"""The certificate authority of the mesh: one root, an intermediate per primary."""
