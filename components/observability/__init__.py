"""What is seen of the mesh: metrics, alerts and traces, and the pages that show them."""
