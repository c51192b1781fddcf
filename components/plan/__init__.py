"""What follows from the settings; pure."""
