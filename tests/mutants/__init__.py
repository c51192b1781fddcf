"""Faults that the tests must find: each is one small change of one file, which lets a test fail."""
