"""
The conformance report of the adapter: ``python -m tools.tryton_conformance [SECONDS]``.

The checks wait for Tryton as many seconds as given, 5 without an argument.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.adapters import tryton
from erp_invoice_core.testing import sample_document
from erp_invoice_core.testing.contract.run import run_contract
from erp_invoice_core.testing.contract.trial import Target
from examples.tryton.server import CONNECTION, TrytonServer, list_closed_days, prepare

from .tryton_bank import Bank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erp_invoice_core.adapters import ExportDocument

#: The tax codes of the company that is set up, besides that of the sample invoice.
TAX_CODES = ("HST 15%", "GST + PST", "Zero-rated")
_SANDBOX = "the company of examples/tryton/company.json"
_PATIENCE = 5


def build_sample() -> ExportDocument:
    """Return the sample invoice, with a tax of the company on its first line."""
    sample = sample_document()
    taxed = attrs.evolve(sample.lines[0], tax_code="HST", tax_code_origin_id="HST 13%")
    return attrs.evolve(sample, lines=(taxed, *sample.lines[1:]))


def list_refused() -> Sequence[ExportDocument]:
    """Return an invoice of a vendor that Tryton does not have, and one of another job."""
    sample = sample_document()
    return (
        attrs.evolve(sample, vendor_origin_id="V-NONE"),
        attrs.evolve(sample, job_origin_id="J-NONE"),
    )


def main(arguments: Sequence[str]) -> int:
    """Check the adapter against a Tryton of its own, and publish the report with the package."""
    seconds = int(arguments[0]) if arguments else _PATIENCE
    run = {
        "date": datetime.now(UTC).date().isoformat(),
        "connection": CONNECTION,
        "sandbox": _SANDBOX,
        "patience": f"{seconds} seconds",
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with TrytonServer(prepare(), folder / "server") as server:
            bank = Bank.of(server)
            target = Target(
                plugin=tryton.TRYTON,
                settings=lambda _folder: server.settings(),
                document=build_sample,
                refused_documents=list_refused,
                run=uuid.uuid4().hex[:6].upper(),
                tax_codes=TAX_CODES,
                closed_days=list_closed_days,
                patience=timedelta(seconds=seconds),
                pay=bank.pay_or_void,
                reverse=bank.cancel,
            )
            found = run_contract(
                target,
                lambda _name: folder,
                note=lambda each: print(each.check.name, flush=True),
            )
    own = "erp_invoice_core"
    versions = {own: version(own), "Python": platform.python_version()}
    found.publish(Path(tryton.__file__).parent, versions, run)
    return 0 if found.is_conformant else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
