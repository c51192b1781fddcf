"""What the security groups let through, as tables of sentences; pure."""
