"""Links lead to existing targets, and the index leads to every page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FRONT = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = sorted([*FRONT, *DOCS.rglob("*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def _links(page: Path) -> list[str]:
    return [link for link in _LINK.findall(_prose(page)) if not link.startswith(("http", "mailto"))]


@cache
def _anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, made like those of common renderers."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
    )


def _target(page: Path, link: str) -> tuple[Path, str]:
    path, _, anchor = link.partition("#")
    return ((page.parent / path).resolve() if path else page), anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names an existing file, and a heading in it."""
    broken = []
    for link in _links(page):
        target, anchor = _target(page, link)
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)

    assert [] == broken


def test_every_page_is_found_from_the_index() -> None:
    """The index links to every page of the docs."""
    index = DOCS / "index.md"
    found = {_target(index, link)[0] for link in _links(index)}

    assert set() == {page for page in PAGES if DOCS in page.parents} - {index, *found}


def test_every_promise_names_what_holds_it() -> None:
    """Each test that the page of promises names exists."""
    text = (DOCS / "explanation" / "promises.md").read_text("utf-8")
    named = set(re.findall(r"`((?:tests|docs)/[\w/.-]+)`", text))

    assert named
    assert set() == {name for name in named if not (ROOT / name).exists()}


def test_contributing_names_tests_that_are_there() -> None:
    """Each test that the guides for changes name exists."""
    pages = [ROOT / "CONTRIBUTING.md", *(DOCS / "how-to").glob("add-*.md")]
    named = {
        name for page in pages for name in re.findall(r"`(test_\w+)`", page.read_text("utf-8"))
    }
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }

    assert set() == named - there
