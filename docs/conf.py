"""Settings of the rendered site, which ``make docs`` builds into ``build/site``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from erp_invoice_core import __version__

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))
from generating import defaults, site  # noqa: E402 - found beside this file

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "erp_invoice_core"
author = "The erp_invoice_core authors"
project_copyright = author
release = version = __version__

# The source directory is the repository, so that relative links are the same here and in a clone.
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md"]
exclude_patterns = [".*", "build", "dist", "docs/examples", "docs/generating", "examples"]
exclude_patterns += ["benchmarks", "src", "tests"]

html_theme = "furo"
html_title = f"erp_invoice_core {release}"
html_copy_source = False
html_additional_pages = {"index": "redirect.html"}
templates_path = ["templates"]

myst_heading_anchors = 4
# Mermaid diagrams are shown as text: their renderer would be loaded from another site.
suppress_warnings = ["misc.highlighting_failure"]

nitpicky = True
autodoc_default_options = {"members": True, "inherited-members": site.FOREIGN_BASES}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
# A page says once from which module its names are imported.
add_module_names = False
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def setup(app: Sphinx) -> None:
    """Add the navigation, and prepare docstrings and the names that they mention."""
    app.connect("source-read", site.add_contents)
    app.connect("autodoc-process-docstring", site.keep_colon, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", defaults.show_defaults)
    app.connect("missing-reference", site.resolve)
