"""An ERP with slow writes, which appends the id of each requested invoice to a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp
from tests.time_limit import TIME_LIMIT
from tests.worker.scripted_erp import build_declaration, build_receipt

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLUGIN"]


class Sleepy:
    """
    An ERP whose settings delay its writes.

    ``until``: a file that must exist; ``together``: the number of writes that must have begun; no
    delay by default. With ``down`` nothing can connect.
    """

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration."""
        made = build_declaration(withdraw=erp.WithdrawForm.IMPOSSIBLE, unlink=erp.UnlinkForm.FREE)
        settings = (
            erp.Setting(name="path"),
            erp.Setting(name="until", default=""),
            erp.Setting(name="together", kind=erp.SettingKind.NUMBER, default="1"),
            erp.Setting(name="down", default="no"),
        )
        return attrs.evolve(made, key="sleepy", name="Sleepy", settings=settings)

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Connect, or raise an error if the ERP is down."""
        if settings["down"] == "yes":
            raise ConnectionRefusedError
        return settings

    @erp.hookimpl
    def erp_find(self, request: erp.ExportRequest) -> erp.Sighting:
        """Find nothing."""
        return erp.Absent(request.deadline)

    @erp.hookimpl
    def erp_write(
        self, session: Mapping[str, Any], request: erp.ExportRequest, step: erp.Step
    ) -> erp.Outcome:
        """Make a bill, after the wait."""
        written = Path(session["path"])
        with written.open("a", encoding="utf-8") as file:
            file.write(f"{request.document.invoice_id}\n")
        ends, most = time.monotonic() + TIME_LIMIT, int(session["together"])
        while len(written.read_text(encoding="utf-8").split()) < most or not _is_there(session):
            if time.monotonic() > ends:
                raise TimeoutError
            time.sleep(0.01)
        return erp.Done(build_receipt(f"S-{request.document.invoice_id}", step.name, step.role))


def _is_there(session: Mapping[str, Any]) -> bool:
    return not session["until"] or Path(session["until"]).exists()


PLUGIN = Sleepy()
