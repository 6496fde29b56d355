"""An ERP that takes its time; what it was told to write stands in a file, a line for each."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp
from tests.worker.scripted import declaration, receipt

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLUGIN"]


class Sleepy:
    """Each write takes so many seconds; ``down`` lets nobody in."""

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration."""
        made = declaration(withdraw=erp.WithdrawForm.IMPOSSIBLE, unlink=erp.UnlinkForm.FREE)
        settings = (
            erp.Setting(name="path"),
            erp.Setting(name="seconds", kind=erp.SettingKind.NUMBER, default="0"),
            erp.Setting(name="down", default="no"),
        )
        return attrs.evolve(made, key="sleepy", name="Sleepy", settings=settings)

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let somebody in, or not."""
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
        """Make a bill, after a while."""
        with Path(session["path"]).open("a", encoding="utf-8") as file:
            file.write(f"{request.document.invoice_id}\n")
        time.sleep(float(session["seconds"]))
        return erp.Done(receipt(f"S-{request.document.invoice_id}", step.name, step.role))


PLUGIN = Sleepy()
