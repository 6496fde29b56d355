"""
Start a Tryton of one's own: ``python3 -m examples.tryton [--company FILE] [--port PORT] FOLDER``.

It runs in the root of a clone, where ``make tryton`` has installed Tryton, and needs no other
package. The server goes on after the command has ended.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .server import COMPANY, TrytonFailed, TrytonServer, prepare, read_plan

#: The port of Tryton's own documentation.
_PORT = 8000


def main() -> int:
    """Set a company up, start a server with it, and print how to use it."""
    parser = argparse.ArgumentParser(
        prog="python3 -m examples.tryton", description="Start a Tryton of your own."
    )
    parser.add_argument("folder", type=Path, help="a new folder for its database, key and log")
    parser.add_argument(
        "--company", type=Path, default=COMPANY, help="the description of a company"
    )
    parser.add_argument("--port", type=int, default=_PORT, help=f"by default {_PORT}")
    given = parser.parse_args()
    folder: Path = given.folder
    if folder.exists() and any(folder.iterdir()):
        print(f"The folder {folder} is not empty. Name a new one.", file=sys.stderr)
        return 1
    print("Setting up a company in Tryton; the first time takes a minute.", flush=True)
    try:
        server = TrytonServer(prepare(read_plan(given.company)), folder, port=given.port)
        server.start()
    except TrytonFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    print(server.describe())
    return 0


if __name__ == "__main__":
    sys.exit(main())
