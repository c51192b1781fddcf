"""Tests of the network of a cluster."""
