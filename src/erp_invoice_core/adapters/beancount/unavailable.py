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


def describe_error(error: OSError) -> Unavailable:
    """Return the exception for an error of the operating system."""
    where = "" if error.filename is None else f" ({error.filename})"
    sentence = f"The ledger cannot be used: {error.strerror or error}{where}. Nothing was written."
    if isinstance(error, FileNotFoundError):
        sentence += " Mount or create its folder."
    return Unavailable(sentence, needs_person=isinstance(error, _FOR_PEOPLE))
