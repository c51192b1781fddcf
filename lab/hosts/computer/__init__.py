"""What an instance runs as a whole computer: its root, its first boot, its metadata service."""
