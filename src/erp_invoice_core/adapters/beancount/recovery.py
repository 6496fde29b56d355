"""Recovery of a ledger after a crash: finds an incomplete entry."""

from __future__ import annotations

import re

from .entry import ACCOUNTS, BEGIN, END, OPENED_ON
from .parser import Damaged

_BEGIN = f"\n{BEGIN}".encode()
_END = f"\n{END}".encode()
_ACCOUNTS = f"\n{ACCOUNTS}\n".encode()
_OPEN = f"{OPENED_ON} open ".encode()
_HEADER = re.compile(rb'[0-9]{4}-[0-9]{2}-[0-9]{2} (?:\* ".*"|document [^ ]+ ".*") .*\^key/')
_HEADER_BEGUN = re.compile(
    rb"[0-9]{1,4}(-[0-9]{0,2}){0,2}\Z"
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2} (\Z|\*|d(o(c(u(m(e(n(t( .*)?)?)?)?)?)?)?)?\Z)"
)


def _is_ours(tail: bytes) -> bool:
    """Return whether the lines after a begin mark may be the start of an entry of this adapter."""
    _mark, *lines = tail[1:].rstrip(b"\n").split(b"\n")
    if not lines:
        return True
    header, *rest = lines
    if not rest:
        return _HEADER_BEGUN.match(header) is not None
    *whole, last = rest
    return (
        _HEADER.match(header) is not None
        and all(line.startswith(b"  ") for line in whole)
        and (last.startswith(b" ") or _END[1:].startswith(last))
    )


def _find_sound_end(data: bytes) -> int:
    """Return the number of bytes before an incomplete last ``open`` line, or of all bytes."""
    start = data.rfind(_ACCOUNTS)
    if start < 0 or data.endswith(b"\n"):
        return len(data)
    *whole, last = data[start + len(_ACCOUNTS) :].split(b"\n")
    is_torn = all(line.startswith(_OPEN) for line in whole) and (
        last.startswith(_OPEN) or _OPEN.startswith(last)
    )
    return len(data) - len(last) if is_torn else len(data)


def find_sound_length(ledger: bytes) -> int:
    """
    Return the number of sound bytes of the ledger; the rest is an incomplete write.

    The text of a person always counts as sound, and so does a begin mark whose transaction a person
    has removed.

    Raises:
        Damaged: Other text follows an incomplete write, so a person must repair it.
    """
    data = b"\n" + ledger
    start = data.rfind(_BEGIN)
    if start < 0 or data.find(_END, start) >= 0:
        return _find_sound_end(data) - 1
    tail = data[start:]
    if _is_ours(tail):
        return start
    if b"^key/" not in tail and b'\n  key: "' not in tail:
        return len(ledger)
    line = data.count(b"\n", 0, start + 1)
    msg = (
        f"The ledger's entry at line {line} has no end mark, and other text follows it. "
        "Remove the incomplete entry and its begin mark by hand."
    )
    raise Damaged(msg)
