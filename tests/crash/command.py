"""The command ``erp-invoice`` in a folder, with the fake ERP's adapters installed beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.cli.commands.demo import read_project
from erp_invoice_core.testing.fake_erp import PLUGINS, Row
from tests.crash.child_process import environment
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from erp_invoice_core.testing.fake_erp import ErpProcess

#: Invoices of the bundled project that can be sent.
SENT = ("5001", "5002", "5003", "5004", "5006", "5007", "5013", "5014")
_METADATA = "Metadata-Version: 2.1\nName: fake-erps\nVersion: 1.0\n"


@attrs.frozen
class CommandRunner:
    """
    A folder with a database in which a person runs commands.

    Attributes:
        folder: It has the database and the installed adapters.
        row: The row of the promise table for the ERP.
        fake: The ERP.
    """

    folder: Path
    row: Row
    fake: ErpProcess

    @property
    def to(self) -> str:
        """The name of the connection."""
        return PLUGINS[self.row].key

    def install(self) -> None:
        """Install the adapters of the fake ERPs, as a package installer would."""
        there = self.folder / "installed" / "fake_erps-1.0.dist-info"
        there.mkdir(parents=True)
        (there / "METADATA").write_text(_METADATA, encoding="utf-8")
        lines = [
            f"{plugin.key} = erp_invoice_core.testing.fake_erp:{row.name}"
            for row, plugin in PLUGINS.items()
        ]
        text = "\n".join(["[erp_invoice_core.adapters]", *lines, ""])
        (there / "entry_points.txt").write_text(text, encoding="utf-8")

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command."""
        environ = environment()
        path = f"{environ['PYTHONPATH']}{os.pathsep}{self.folder / 'installed'}"
        url = {f"ERP_{self.to.upper()}_BASE_URL": self.fake.url}
        return subprocess.Popen(
            [sys.executable, "-m", "erp_invoice_core.cli", *words],
            cwd=self.folder,
            env={**environ, "PYTHONPATH": path, **url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for_process(self, *words: str) -> tuple[int, str, str]:
        """Run a command to its end; return its exit status, its output, and its errors."""
        return finish(self.begin(*words))

    def accept(self) -> None:
        """Have the invoices of the bundled project sent and accepted."""
        (self.folder / "given.json").write_text(json.dumps(read_project()), encoding="utf-8")
        for words in (
            ("load", "given.json"),
            ("send", *SENT, "--as", "pm", "--to", self.to),
            ("accept", *SENT, "--as", "ap"),
        ):
            status, _, err = self.wait_for_process(*words)
            assert 0 == status, err

    def statuses(self) -> dict[str, str]:
        """Return the status of each invoice."""
        _, out, err = self.wait_for_process("list", "--json")
        assert out, err
        listed: list[dict[str, Any]] = json.loads(out)["entries"]
        return {each["id"]: each["status"] for each in listed if each["id"] in SENT}


def finish(running: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a command; return its exit status, its output, and its errors."""
    out, err = running.communicate(timeout=TIME_LIMIT)
    return running.returncode, out, err
