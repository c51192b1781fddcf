"""One module per command, each with `register(commands)` that adds it to the parser."""
