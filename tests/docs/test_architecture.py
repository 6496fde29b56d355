"""The modules that the page on the architecture names exist."""

from __future__ import annotations

import re

import pytest

from tests.docs.test_links import ROOT

_PACKAGE = ROOT / "src" / "erp_invoice_core"
_MODULE = re.compile(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?|[a-z_]+\.py)`")
_PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", sorted(set(_MODULE.findall(_PAGE))))
def test_named_module_exists(module: str) -> None:
    """Every module and folder that the page names is a path of the package."""
    assert (_PACKAGE / module).exists()
