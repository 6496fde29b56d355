"""A session with Tryton: the client of one thread, and the records that it has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..settings import Secret
from .books import read_books
from .client import TrytonClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...exchange import ExportRequest
    from ..settings import SettingValue
    from .books import Books
    from .records import Records


class TrytonSession:
    """
    The session of one thread: an HTTP client, and the books of the company once they were read.

    Args:
        settings: The settings of the connection.
        patience: The time limit of all requests of one hook call together, in seconds.
    """

    def __init__(self, settings: Mapping[str, SettingValue], patience: float) -> None:
        key = settings["key"]
        assert isinstance(key, Secret), "The setting is declared as a secret."
        self.client = TrytonClient(
            str(settings["base_url"]), str(settings["database"]), key, patience
        )
        self._settings = settings
        self._books: Books | None = None
        self._checked: tuple[object, Records] | None = None

    def __repr__(self) -> str:
        """Show the address and no key."""
        return f"TrytonSession({self.client})"

    def find_books(self) -> Books:
        """Return the books, which are read once in a session."""
        if self._books is None:
            self._books = read_books(self.client, self._settings)
        return self._books

    def forget_books(self) -> None:
        """Drop the books, so that the next use reads them again, as they may have changed."""
        self._books = self._checked = None

    def keep_records(self, request: ExportRequest, records: Records) -> None:
        """Keep the records that a check has found, for the bill that is created right after it."""
        self._checked = (_list_sources(request), records)

    def take_records(self, request: ExportRequest) -> Records | None:
        """Return the records that the last check found, once, if it was that of the same bill."""
        checked, self._checked = self._checked, None
        return checked[1] if checked and checked[0] == _list_sources(request) else None


def _list_sources(request: ExportRequest) -> object:
    """Return what the records of an invoice are found by."""
    return request.document, request.accounting_date, request.fields
