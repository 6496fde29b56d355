"""An append reads no more of a long ledger, and every write of another program is noticed."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters.beancount import contents, ledger, parser, recovery
from erp_invoice_core.adapters.beancount.ledger import Ledger
from erp_invoice_core.adapters.beancount.parser import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OWN = '2026-10-31 * "Acme" "{key}" ^key/{key}\n  key: "{key}"\n  Assets:Cash  1.00 USD\n\n'
HAND = '2026-10-31 * "By hand" ^key/hand\n\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a ledger that does not exist yet."""
    return tmp_path / "books.beancount"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the texts that are read whole from now on."""
    sizes: list[int] = []
    find = recovery.find_sound_length

    def note(data: bytes) -> int:
        sizes.append(len(data))
        return find(data)

    monkeypatch.setattr(ledger, "find_sound_length", note)
    return sizes


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the texts that are parsed from now on."""
    sizes: list[int] = []

    def note(text: str, into: parser.Scan) -> parser.Scan:
        sizes.append(len(text))
        return parser.scan(text, into)

    monkeypatch.setattr(contents, "scan", note)
    return sizes


def _append(session: Ledger, *keys: str) -> None:
    for key in keys:
        with session.open() as opened:
            opened.append(OWN.format(key=key))


def _find(session: Ledger, *keys: str) -> list[str]:
    """Return which of the keys the session finds."""
    with session.open() as opened:
        return [key for key in keys if opened.seen.find_named(key)]


def test_an_append_reads_and_parses_the_last_entry_only(
    path: Path, read: list[int], parsed: list[int]
) -> None:
    """The cost of the hundredth entry is that of the second one, also in another session."""
    session = Ledger(path)
    _append(session, *(f"k{number:03}" for number in range(100)))
    _append(Ledger(path), "last")

    assert ["k000", "k099", "last"] == _find(session, "k000", "k099", "last", "other")
    assert [] == read
    assert 101 == len(parsed)
    assert {len(OWN.format(key="k000"))} == set(parsed[1:-1])


def test_a_new_process_reads_the_ledger_once(path: Path, read: list[int]) -> None:
    """A ledger that was written some time ago is read whole before the first entry."""
    path.write_text("".join(OWN.format(key=f"k{number}") for number in range(50)))
    os.utime(path, (1, 1))
    before = path.stat().st_size
    moment = time.time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: moment + 10)
        session = Ledger(path)
        _append(session, "new", "newer")
        assert ["k0", "new", "newer"] == _find(session, "k0", "new", "newer")
    assert [before] == read


def _edit(path: Path) -> None:
    data = path.read_bytes().replace(b"key/old", b"key/xyz").replace(b'"old"', b'"xyz"')
    with path.open("r+b") as file:
        file.write(data)


def _edit_with_the_same_time(path: Path) -> None:
    state = path.stat()
    _edit(path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def _replace(path: Path) -> None:
    other = path.with_name("other")
    shutil.copy2(path, other)
    _edit_with_the_same_time(other)
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def _truncate(path: Path) -> None:
    data = path.read_bytes()
    os.truncate(path, data.index(b"2026-10-31", data.index(b"2026-10-31") + 1))


def _delete(path: Path) -> None:
    """Delete the ledger for good, with the mark that it has had contents."""
    path.unlink()
    path.with_name(f"{path.name}.lock").unlink()


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (_edit, ["first"]),
        (_edit_with_the_same_time, ["first"]),
        (_replace, ["first"]),
        (_truncate, ["first"]),
        (_delete, []),
    ],
)
def test_a_change_by_hand_is_noticed(
    path: Path, change: Callable[[Path], None], left: list[str]
) -> None:
    """The file is read anew, however its size and times are, and so it is after the next entry."""
    session = Ledger(path)
    _append(session, "first", "old")
    assert ["first", "old"] == _find(session, "first", "old")

    change(path)

    assert left == _find(session, "first", "old")
    _append(session, "next")
    assert [*left, "next"] == _find(session, "first", "old", "next")


def test_entries_of_another_process_are_noticed(path: Path) -> None:
    """Its session has other contents, and only the new entries are parsed."""
    session, other = Ledger(path), Ledger(path.parent / "." / path.name)
    other._contents = contents.Contents()
    _append(session, "a")
    _append(other, "b")
    _append(session, "c")
    for each in (session, other):
        assert ["a", "b", "c"] == _find(each, "a", "b", "c")


def test_a_change_while_the_ledger_is_open_is_noticed(path: Path) -> None:
    """A person who saves the file between reading and writing is noticed at the next opening."""
    session = Ledger(path)
    _append(session, "first", "old")
    with session.open() as opened:
        _edit(path)
        opened.append(OWN.format(key="own"))

    assert ["first", "own", "xyz"] == _find(session, "first", "old", "own", "xyz")


def test_a_file_that_was_just_changed_is_read_until_its_time_has_settled(
    path: Path, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be changed again within one tick of the clock of files; own entries do not hide it."""
    session = Ledger(path)
    _append(session, "a")
    with path.open("a") as file:
        file.write(HAND)
    _append(session, "b")
    assert ["a", "b", "hand"] == _find(session, "a", "b", "hand")
    assert 2 == len(read)

    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment + 10)
    _append(session, "c", "d", "e")
    assert 3 == len(read)


@pytest.mark.parametrize("error", [PermissionError(), None])
def test_without_an_own_time_the_ledger_is_read_whole(
    path: Path, read: list[int], monkeypatch: pytest.MonkeyPatch, error: OSError | None
) -> None:
    """The file belongs to another user, or its file system rounds times."""

    def utime(*_given: object, **_named: object) -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(os, "utime", utime)
    session = Ledger(path)
    _append(session, "a", "b", "c")

    assert ["a", "b", "c"] == _find(session, "a", "b", "c")
    assert 3 == len(read)


def test_a_text_without_a_last_newline_is_continued(path: Path) -> None:
    """An own entry begins on a line of its own; the contents are parsed anew."""
    path.write_text(HAND.rstrip("\n"))
    session = Ledger(path)
    assert ["hand"] == _find(session, "hand")
    _append(session, "own")
    assert ["hand", "own"] == _find(session, "hand", "own")


def test_a_damaged_ledger_is_read_again_after_its_repair(path: Path) -> None:
    """Nothing of the failed reading is kept."""
    session = Ledger(path)
    _append(session, "a")
    sound = path.read_bytes()
    for garbage in (b"\xff\n", b"not an entry\n"):
        path.write_bytes(sound + garbage)
        with pytest.raises(Damaged):
            _find(session, "a")
        path.write_bytes(sound)
        assert ["a"] == _find(session, "a")
