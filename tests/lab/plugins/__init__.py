"""The plugins with the real engine, a real API server and helm; root is not needed."""
