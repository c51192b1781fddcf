"""What runs on the operator host; shipped as text, never imported by the program."""
