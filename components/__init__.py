"""The stages of the program, each in a folder of its own; `__main__` wires them."""
