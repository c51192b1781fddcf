"""Regions, availability domains, the tenancy and its compartment; all of it given."""
