"""``python -m erp_invoice_core.testing.fake_erp``: a fake ERP that runs until its input ends."""

from __future__ import annotations

import argparse
import sys
import threading

from .http_server import Chances, ErpServer, RequestFaults
from .promises import PROMISES, Row
from .quirk_set import QuirkSet
from .quirks import QUIRKS, Quirk


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fake_erp", description="A fake ERP for tests. Never for real invoices."
    )
    parser.add_argument("--row", type=Row, choices=list(Row), default=Row.SETTLING)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds, twice per write")
    parser.add_argument(
        "--quirk",
        action="append",
        default=[],
        metavar="NAME[=N]",
        help="a quirk; give the option once for each",
    )
    parser.add_argument("--quirks", action="store_true", help="list the quirks, and end")
    for name in ("late", "lost", "dropped"):
        parser.add_argument(f"--{name}", type=float, default=0.0, help="probability, from 0 to 1")
    given = parser.parse_args()
    try:
        given.quirk = QuirkSet.parse(given.quirk)
    except ValueError as error:
        parser.error(str(error))
    return given


def _list_quirks() -> str:
    """Return one line per quirk: its name, its usual figure if any, and an ERP that has it."""
    lines = []
    for quirk in Quirk:
        row = QUIRKS[quirk]
        figure = "" if row.figure is None else f"={row.figure}"
        lines.append(f"{quirk + figure:<32} {row.source}\n")
    return "".join(lines)


def _main() -> None:
    given = _arguments()
    if given.quirks:
        sys.stdout.write(_list_quirks())
        return
    chances = Chances(late=given.late, lost=given.lost, dropped=given.dropped)
    with ErpServer(
        PROMISES[given.row], RequestFaults(chances, given.seed), given.latency, given.quirk
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"A fake ERP, never for real invoices: {server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    _main()
