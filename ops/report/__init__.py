"""A page about a mesh: where it is called, what it is made of, what was found and what is open.

It is made of outputs in which Pulumi has hidden every secret, and of what the other commands print.
"""
