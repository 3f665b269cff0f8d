"""The one kind of error that a user can mend."""


class InputError(Exception):
    """Something that the user gave cannot be used.

    Its text is one line for people: which file (and line), what is wrong, what would be right. The command line prints
    it without a traceback and exits with status 2.
    """
