"""The ledger cannot be used now."""

from __future__ import annotations


class Unavailable(Exception):
    """
    The ledger cannot be used now; nothing of the call is in it.

    ``needs_person``: it stays so until a person repairs it.
    """

    def __init__(self, message: str, *, needs_person: bool = False) -> None:
        super().__init__(message)
        self.needs_person = needs_person


#: Faults that only a person can repair: permissions, a missing folder, a folder instead of a file.
_FOR_PEOPLE = (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError)


def describe_error(error: OSError) -> Unavailable:
    """Return what an error of the operating system means for the call."""
    where = "" if error.filename is None else f" ({error.filename})"
    sentence = f"The ledger cannot be used: {error.strerror or error}{where}. Nothing was written."
    return Unavailable(sentence, needs_person=isinstance(error, _FOR_PEOPLE))
