"""The conformance report of the adapter: ``python -m examples.tryton.conformance``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from erp_invoice_core.adapters import tryton

from .server import CONNECTION, TrytonServer, prepare, write_settings

#: Records of the company that is set up; the sample invoice of the checks names the others.
_SAMPLE = {
    "vendor_origin_id": "V-ACME",
    "other_vendor": "V-OTHER",
    "tax_code_origin_id": "HST 13%",
    "tax_codes": "HST 15%, GST + PST, Zero-rated",
}


def main() -> int:
    """Check the adapter against a Tryton of its own, and publish the report with the package."""
    package = Path(tryton.__file__).parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sample.json").write_text(json.dumps(_SAMPLE), encoding="utf-8")
        with TrytonServer(prepare(), folder / "server") as server:
            write_settings(folder / "erp.toml", server.settings())
            done = subprocess.run(
                [
                    sys.executable, "-m", "erp_invoice_core.cli", "adapters", "check", CONNECTION,
                    "--settings", "erp.toml", "--sandbox", "--sample", "sample.json",
                    "--report", package,
                ],
                cwd=folder,
                env={**os.environ, f"ERP_{CONNECTION.upper()}_KEY": server.key},
                check=False,
            )  # fmt: skip
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
