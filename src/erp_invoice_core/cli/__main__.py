"""``python -m erp_invoice_core.cli``: the command where its script is not on the path."""

from __future__ import annotations

import sys

from . import main

sys.exit(main())
