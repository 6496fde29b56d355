"""The content-addressed store of attachments keeps whole files while an invoice refers to them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import Attachment
from erp_invoice_core.cli import file_store
from erp_invoice_core.cli.file_store import FileStore, FileStoreBusy, FileTooLarge

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CONTENT = b"Lien waiver, signed."
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """Return an empty store."""
    return FileStore(tmp_path / "erp.db.files")


@pytest.fixture
def waiver(tmp_path: Path) -> Path:
    """Return a file to store."""
    path = tmp_path / "waiver.pdf"
    path.write_bytes(CONTENT)
    return path


def _list_nothing() -> set[str]:
    return set()


def test_content_is_kept_under_its_digest(store: FileStore, waiver: Path) -> None:
    """Stored content is opened by its digest, and no other file is in the folder."""
    assert DIGEST == store.put(waiver)
    with store.open(Attachment(id="1", filename="../any", digest=DIGEST)) as content:
        assert CONTENT == content.read()
    assert [f"{DIGEST[:2]}/{DIGEST}", "lock"] == sorted(
        str(path.relative_to(store.folder)) for path in store.folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("digest", [None, "ab" * 32, "../../secret", "AB" * 32, ""])
def test_what_is_not_here_cannot_be_opened(store: FileStore, digest: str | None) -> None:
    """A digest that is unknown, or malformed, opens no file."""
    assert not store.has(digest)
    with pytest.raises(FileNotFoundError):
        store.open(Attachment(id="1", filename="waiver.pdf", digest=digest))


def test_size_is_bounded(store: FileStore, waiver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large is not stored, in no part."""
    monkeypatch.setattr(file_store, "MAX_FILE_SIZE", len(CONTENT) - 1)
    with pytest.raises(FileTooLarge):
        store.put(waiver)
    assert ["lock"] == [path.name for path in store.folder.iterdir()]


def test_failed_write_leaves_nothing(
    store: FileStore, waiver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk is full, no file has the name of the content."""

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        store.put(waiver)
    assert (False, ["lock"]) == (store.has(DIGEST), [one.name for one in store.folder.iterdir()])


def test_many_put_the_same_at_once(store: FileStore, waiver: Path) -> None:
    """Loads that run at the same time store one whole file."""
    threads = [threading.Thread(target=store.put, args=[waiver]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.open(Attachment(id="1", filename="a", digest=DIGEST)) as content:
        assert CONTENT == content.read()
    assert [] == list(store.folder.glob("incoming-*"))


def test_content_is_removed_after_seven_days_unreferenced(store: FileStore, waiver: Path) -> None:
    """The seven days begin at the first check that finds no reference."""
    store.put(waiver)
    assert [] == store.remove_unreferenced(lambda: {DIGEST}, NOON)
    assert [] == store.remove_unreferenced(_list_nothing, NOON + 30 * DAY)
    assert [] == store.remove_unreferenced(_list_nothing, NOON + 36 * DAY)
    assert store.has(DIGEST)
    assert [DIGEST] == store.remove_unreferenced(_list_nothing, NOON + 37 * DAY)
    assert not store.has(DIGEST)


def test_reference_that_comes_back_begins_the_days_anew(store: FileStore, waiver: Path) -> None:
    """Content that is referred to again, or stored again, stays seven days more."""
    store.put(waiver)
    store.remove_unreferenced(_list_nothing, NOON)
    store.remove_unreferenced(lambda: {DIGEST}, NOON + 6 * DAY)
    assert [] == store.remove_unreferenced(_list_nothing, NOON + 7 * DAY)
    assert [] == store.remove_unreferenced(_list_nothing, NOON + 13 * DAY)
    store.put(waiver)
    assert [] == store.remove_unreferenced(_list_nothing, NOON + 14 * DAY)
    assert store.has(DIGEST)


def test_it_is_checked_once_a_day(store: FileStore, waiver: Path) -> None:
    """A second check on the same day asks for no references."""
    store.put(waiver)
    asked: list[datetime] = []

    def look(now: datetime) -> None:
        def list_references() -> set[str]:
            asked.append(now)
            return set()

        store.remove_unreferenced(list_references, now)

    for hours in (0, 1, 23, 24):
        look(NOON + timedelta(hours=hours))
    assert [NOON, NOON + DAY] == asked


def test_nothing_is_made_where_nothing_was_kept(store: FileStore) -> None:
    """A missing folder is not made."""
    assert [] == store.remove_unreferenced(_list_nothing, NOON)
    assert not store.folder.exists()


def test_what_a_killed_process_left_is_removed(store: FileStore, waiver: Path) -> None:
    """The next check removes a file that was not finished."""
    store.put(waiver)
    (store.folder / "incoming-0011").write_bytes(b"half")
    store.remove_unreferenced(lambda: {DIGEST}, NOON)
    assert [] == list(store.folder.glob("incoming-*"))


def test_mark_that_cannot_be_read_begins_anew(store: FileStore, waiver: Path) -> None:
    """A damaged mark removes nothing early."""
    store.put(waiver)
    (store.folder / DIGEST[:2] / f"{DIGEST}.unreferenced").write_text("x", encoding="ascii")
    assert [] == store.remove_unreferenced(_list_nothing, NOON)
    assert store.has(DIGEST)


def test_lock_is_waited_for_within_a_bound(store: FileStore, waiver: Path) -> None:
    """While another process removes files, nothing is added; the wait is bounded."""
    store.put(waiver)
    with (store.folder / "lock").open("rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FileStoreBusy):
            FileStore(store.folder, lock_wait=0).put(waiver)


def test_nothing_is_removed_while_content_is_added(store: FileStore, waiver: Path) -> None:
    """A load holds the lock: the check waits, and gives up within its bound."""
    store.put(waiver)
    with (store.folder / "lock").open("rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        with pytest.raises(FileStoreBusy):
            FileStore(store.folder, lock_wait=0).remove_unreferenced(_list_nothing, NOON)
