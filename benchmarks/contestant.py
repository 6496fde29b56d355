"""A queue that takes part in a benchmark: sender, approver and worker, each a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .contestant_process import PLAIN
from .cost import Cost

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

ROOT = Path(__file__).parents[1]
#: The environment in which the adapter of one step is installed.
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT / "benchmarks" / "plugins"), str(ROOT)]),
}


@attrs.frozen(kw_only=True)
class Kind:
    """
    A kind of contestant.

    Attributes:
        entry: Module and class in this folder, as ``same_sqlite:SameSqlite``.
        is_plain: True if it runs as if msgspec were not installed.
        is_at_hand: True if each of its processes must have the invoices.
        accepts: True if sent invoices wait for an acceptance.
    """

    entry: str
    is_plain: bool = False
    is_at_hand: bool = False
    accepts: bool = True


class Actor:
    """One process of a contestant; its calls are those of the contestant's class."""

    def __init__(self, kind: Kind, where: str, trace: Path | None = None) -> None:
        """Start it; it writes what it says to a server into the folder ``trace``."""
        command = [sys.executable, "-m", "benchmarks.contestant_process"]
        environment = ENVIRONMENT | ({PLAIN: "1"} if kind.is_plain else {})
        traced = [] if trace is None else [str(trace)]
        self._process = subprocess.Popen(
            [*command, f"benchmarks.{kind.entry}", where, *traced],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            text=True,
        )
        self._read()

    def _read(self) -> Mapping[str, float]:
        assert self._process.stdout is not None
        row = self._process.stdout.readline()
        if not row:
            msg = f"A contestant ended early, with status {self._process.wait()}."
            raise RuntimeError(msg)
        found: Mapping[str, float] = json.loads(row)
        return found

    def do(self, call: str, **given: Any) -> Cost:  # noqa: ANN401 - the arguments of the call
        """Have it do something; return the cost."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"call": call, "given": given}) + "\n")
        self._process.stdin.flush()
        return Cost(dict(self._read()))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Contestant:
    """
    A sender, an approver and a worker over one database.

    Attributes:
        accepts: True if sent invoices wait for an acceptance.
    """

    def __init__(self, kind: Kind, where: Path | str, traces: Path | None = None) -> None:
        """
        Start them; the sender is first, so that it makes the tables.

        Into folders for sender and worker in ``traces`` they write what they say to a server.
        """
        traced: dict[str, Path] = {}
        if traces is not None:
            traced = {name: traces / name for name in ("sender", "worker")}
            for folder in traced.values():
                folder.mkdir()
        self.sender, self.approver, self.worker = (
            Actor(kind, str(where), traced.get(name)) for name in ("sender", "approver", "worker")
        )
        # A host that has facts at hand has them in each process.
        everyone = [self.sender, self.approver, self.worker]
        self._hosts = everyone if kind.is_at_hand else everyone[:1]
        self.accepts = kind.accepts
        self._next = 0

    def load(self, count: int, **given: Any) -> None:  # noqa: ANN401 - the arguments of the call
        """Have that number of further invoices, as a host has before it sends."""
        for host in self._hosts:
            host.do("load", first=self._next, count=count, **given)
        self._next += count

    def send(self, count: int, batch: int = 1) -> Cost:
        """Send that number of invoices, loaded last; return the cost of each."""
        first = self._next - count
        return self.sender.do("send", first=first, count=count, batch=batch).per(count)

    def accept(self, count: int, batch: int = 1) -> Cost:
        """Accept that number of invoices, loaded last; return the cost of each."""
        first = self._next - count
        return self.approver.do("accept", first=first, count=count, batch=batch).per(count)

    def export(self, count: int, **given: Any) -> Cost:  # noqa: ANN401 - the arguments of the call
        """Have the worker export that number; return the cost of each."""
        return self.worker.do("export", jobs=count, **given).per(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for actor in (self.sender, self.approver, self.worker):
            actor.close()
