"""What every queue store must keep: a suite to subclass."""

from __future__ import annotations

from .store_sharing import StoreSharingContract

__all__ = ["StoreContract"]


class StoreContract(StoreSharingContract):
    """
    Subclass it and say how a store of yours is made, empty, for each test.

    .. code-block:: python

        class TestMyStore(StoreContract):
            def make_store(self, folder: Path) -> Store:
                return MyStore(folder / "queue.db")
    """
