"""Tests that need the toolchain, root or the lab itself; `make test-lab` runs them."""
