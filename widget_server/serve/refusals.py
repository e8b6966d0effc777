"""What stops a command before it did anything."""


class Refused(Exception):
    """A command cannot go on; its text is a whole sentence for the operator."""
