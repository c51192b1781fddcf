"""The proof that what came up carries traffic."""
