"""The exception for a ledger that cannot be used now."""

from __future__ import annotations


class Unavailable(Exception):
    """
    The ledger cannot be used now; the call has written nothing to it.

    If ``needs_person`` is true, a person must repair the ledger first.
    """

    def __init__(self, message: str, *, needs_person: bool = False) -> None:
        super().__init__(message)
        self.needs_person = needs_person


#: Faults that only a person can repair: permissions, a missing folder, a folder at the path.
_FOR_PEOPLE = (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError)


_UNUSABLE = "The ledger cannot be used: {reason}. Nothing was written."
_UNUSABLE_PATH = "The ledger cannot be used: {reason} ({path}). Nothing was written."
_MISSING = (
    "The ledger cannot be used: {reason} ({path}). Nothing was written. Mount or create its folder."
)


def describe_error(error: OSError) -> Unavailable:
    """Return the exception for an error of the operating system."""
    text = _MISSING if isinstance(error, FileNotFoundError) else _UNUSABLE_PATH
    if error.filename is None:
        text = _UNUSABLE
    sentence = text.format(reason=error.strerror or error, path=error.filename)
    return Unavailable(sentence, needs_person=isinstance(error, _FOR_PEOPLE))
