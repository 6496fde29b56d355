"""``python -m erp_invoice_core.testing.fake_erp``: a fake ERP that runs until its input ends."""

from __future__ import annotations

import argparse
import sys
import threading

from .http_server import Chances, ErpServer, RequestFaults
from .promises import PROMISES, Row


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fake_erp", description="A fake ERP for tests. Never for real invoices."
    )
    parser.add_argument("--row", type=Row, choices=list(Row), default=Row.SETTLING)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds, twice per write")
    for name in ("late", "lost", "dropped"):
        parser.add_argument(f"--{name}", type=float, default=0.0, help="from 0 to 1")
    return parser.parse_args()


def _main() -> None:
    given = _arguments()
    chances = Chances(late=given.late, lost=given.lost, dropped=given.dropped)
    with ErpServer(
        PROMISES[given.row], RequestFaults(chances, given.seed), given.latency
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"A fake ERP, never for real invoices: {server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    _main()
