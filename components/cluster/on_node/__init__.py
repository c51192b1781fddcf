"""What runs on a worker node; shipped as text."""
