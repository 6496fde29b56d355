"""The code of the how-to is that of the package which the command writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from erp_invoice_core.scaffold import write_project

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-an-adapter.md"
_EXCERPT = re.compile(r"^`(src/[^`\n]+)`:\n\n```py\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXCERPTS = _EXCERPT.findall(PAGE.read_text("utf-8"))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a package as the command writes it."""
    folder = tmp_path_factory.mktemp("new") / "acme"
    write_project("acme", folder, http=True)
    return folder


@pytest.mark.parametrize(("name", "code"), EXCERPTS, ids=range(len(EXCERPTS)))
def test_excerpt_is_in_the_package(name: str, code: str, package: Path) -> None:
    """Each excerpt stands in the file that the page names, which the tests of the package run."""
    text = (package / name).read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = [line.strip() for line in code.splitlines() if line.strip()]
    assert shown in [lines[place : place + len(shown)] for place in range(len(lines))]


def test_page_has_excerpts_of_every_hook() -> None:
    """The page shows the hooks of the package, and how its client reads answers."""
    code = "\n".join(code for _, code in EXCERPTS)
    names = ("declaration", "steps", "write", "find", "read", "withdraw")
    assert [] == [name for name in names if f"def erp_{name}(" not in code]
    assert "def _send(" in code
