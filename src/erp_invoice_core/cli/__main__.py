"""Runs the command by ``python -m erp_invoice_core.cli``."""

from __future__ import annotations

import sys

from . import main

sys.exit(main())
