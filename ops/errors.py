"""What a command tells the user when it cannot do its work."""


class OpsError(Exception):
    """A fault that the user can mend; shown as one message, without a traceback."""
