"""What is asked of Oracle Cloud, and what is said about it."""
