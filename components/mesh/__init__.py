"""Istio in every cluster, and what makes one mesh of the installations."""
