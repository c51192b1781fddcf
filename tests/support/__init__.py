"""What the tests share: the harness that runs programs, and settings to run them with."""
