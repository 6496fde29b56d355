"""The command ``erp-invoice``: the way in for people and for scripts."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_EXTRA = ("extra.missing", "Install the command's extra: pip install 'erp_invoice_core[cli]'.")
_BROKEN = ("install.broken", "Install erp_invoice_core again: a part of it cannot be loaded.")


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command with these arguments (those of the process by default).

    Returns the exit status: 0 done, 1 refused, 2 bad usage or bad input; 130 interrupted.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        from .run import run  # noqa: PLC0415 - the extra may be missing, and that needs a sentence
    except ImportError as missing:
        if os.environ.get("ERP_DEBUG") == "1":
            raise
        return _not_installed(missing.name or "", as_json="--json" in given)
    status = run(given)
    if argv is None:
        _end_calls_left_behind(status)
    return status


def _end_calls_left_behind(status: int) -> None:
    """End a process of ours, and with it the calls that hang in it; else nothing is done."""
    threads = sys.modules.get("erp_invoice_core.worker.threads")
    if threads is not None and threads.left_behind():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _not_installed(module: str, *, as_json: bool) -> int:
    code, sentence = _EXTRA
    if module.partition(".")[0] == "erp_invoice_core":
        code, sentence = _BROKEN
    if as_json:
        problem = {"path": "", "code": code, "message": sentence}
        sys.stdout.write(f"{json.dumps({'problems': [problem]})}\n")
    else:
        sys.stderr.write(f"{sentence}\n")
    return 2
