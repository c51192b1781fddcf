"""The command line for day two; it works from the stack's outputs and provisions nothing."""
