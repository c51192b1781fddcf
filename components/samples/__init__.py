"""What runs on the mesh to show that it works."""
