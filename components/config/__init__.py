"""From a stack's configuration to settings, or to all its errors."""
