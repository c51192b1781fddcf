"""Tests of what joins the networks."""
