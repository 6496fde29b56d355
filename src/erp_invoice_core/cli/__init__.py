"""The entry point of the command ``erp-invoice``."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_EXTRA = (
    "extra.missing",
    "The extra of the command is not installed. Run in a clone: pip install '.[cli]'.",
)
#: The longest time in seconds to wait for threads that an adapter started.
_MOMENT = 1.0
_OTHER_SYSTEM = (
    "system.unsupported",
    "The command needs the file locks of a POSIX system, such as Linux or macOS.",
)
_BROKEN = ("install.broken", "A part of erp_invoice_core cannot be loaded. Install it again.")


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command with these arguments, by default those of the process.

    Return the exit status: 0 done, 1 refused, 2 bad usage or bad input, 130 interrupted, 143 ended
    by SIGTERM.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        from .app import run  # noqa: PLC0415 - the extra may be missing, and the message says so

        if argv is None:
            from .output import reserve_descriptor  # noqa: PLC0415 - as above

            reserve_descriptor()
        status = run(given)
    except ImportError as missing:
        if os.environ.get("ERP_DEBUG") == "1":
            raise
        return _report_missing_module(missing.name or "", as_json="--json" in given)
    if argv is None:
        _end_what_is_left_behind(status)
    return status


def _end_what_is_left_behind(status: int) -> None:
    """
    End the process at once if threads of an adapter still run.

    Otherwise the interpreter would wait for such a thread, perhaps for ever.
    """
    calls = sys.modules.get("erp_invoice_core.adapters.callers")
    if (calls is None or not calls.count_abandoned()) and not _has_threads():
        return
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
    os._exit(status)


def _has_threads() -> bool:
    """Return whether a thread that is not a daemon still runs after a wait of up to a second."""
    ends = time.monotonic() + _MOMENT
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join(max(0.0, ends - time.monotonic()))
            if thread.is_alive():
                return True
    return False


def _report_missing_module(module: str, *, as_json: bool) -> int:
    code, sentence = _EXTRA
    if module == "fcntl":
        code, sentence = _OTHER_SYSTEM
    elif module.partition(".")[0] == "erp_invoice_core":
        code, sentence = _BROKEN
    if as_json:
        problem = {"path": "", "code": code, "message": sentence, "facts": {}}
        sys.stdout.write(f"{json.dumps({'problems': [problem]})}\n")
    else:
        sys.stderr.write(f"{sentence}\n")
    return 2
