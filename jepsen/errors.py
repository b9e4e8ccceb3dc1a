"""Errors that are the user's to mend."""


class UserError(Exception):
    """Shown as one line, without a traceback; the program ends with exit code 2."""
