"""Pages show all their code, import public modules only, and name code that exists."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

import pytest

from tests.docs.test_links import PAGES, ROOT
from tests.docs.test_public_names import MODULES

#: Folders from which a page may name a path.
_ROOTS = tuple(ROOT / name for name in (".", "src/erp_invoice_core", "src", "tests", "examples"))
#: Words of other programs and of files that a reader writes, by the page that explains them.
_FOREIGN = {
    "docs/compatibility.md": {"DeprecationWarning"},
    "docs/decisions/0009-synchronous-by-decision.md": {"to_thread"},
    "docs/how-to/add-a-command-option.md": {"oldest_first"},
    "docs/how-to/add-a-rule.md": {"early_billing"},
    "docs/how-to/go-to-production.md": {
        "ERP_BOOKS_TOKEN",
        "TimeoutStopSec",
        "max_connections",
        "terminationGracePeriodSeconds",
    },
    "docs/how-to/run-workers-from-celery.md": {"autoretry_for", "max_retries", "task_acks_late"},
    "docs/how-to/send-with-django.md": {"TransactionTestCase"},
    "docs/how-to/send-with-sqlalchemy.md": {"render_as_string", "hide_password"},
    "docs/how-to/separate-tenants.md": {"Dcompany_1"},
    "docs/how-to/store-the-queue.md": {"synchronous_standby_names"},
    "docs/how-to/translate-messages.md": {"LC_MESSAGES"},
    "docs/how-to/upgrade.md": {"DeprecationWarning"},
    "docs/how-to/write-an-adapter.md": {
        "conformance.json",
        "conformance.md",
        "list_bills",
        "src/erp_invoice_acme/adapter.py",
        "src/erp_invoice_acme/client.py",
        "tests/fake_acme.py",
        "tests/test_contract.py",
    },
    "docs/how-to/write-a-small-adapter.md": {
        "open_period",
        "src/erp_invoice_ledgerly.py",
        "tests/test_ledgerly.py",
    },
}
_IMPORT = re.compile(r"^[ >.]*(?:from|import) +(erp_invoice_core[\w.]*)", re.MULTILINE)
_EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))


def _list_named(page: str) -> list[str]:
    """Return what a page has in backticks outside of blocks."""
    text = (ROOT / page).read_text("utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return sorted(set(re.findall(r"`([^`\n]+)`", text)) - _FOREIGN.get(page, set()))


@cache
def _words() -> frozenset[str]:
    """Return every word of the code, the stored words, the settings and the names of files."""
    folders = [ROOT / name for name in ("src", "tests", "examples", "tools", "docs", "benchmarks")]
    paths = [path for folder in folders for path in folder.rglob("*")]
    code = [path for path in paths if path.suffix in {".py", ".txt", ".json", ".toml"}]
    settings = [ROOT / name for name in ("pyproject.toml", "Makefile", "conftest.py")]
    found = {path.stem for path in paths}
    for path in (*code, *settings):
        found.update(re.findall(r"\w+", path.read_text("utf-8")))
    return frozenset(found)


_PAGES = [page.relative_to(ROOT).as_posix() for page in PAGES]


@pytest.mark.parametrize("page", _PAGES)
def test_page_hides_no_block(page: str) -> None:
    """No block of a page is hidden in a comment, skipped or replaced."""
    text = (ROOT / page).read_text("utf-8")

    assert [] == re.findall(r"<!--+ *(?:invisible|skip|clear|hidden).*", text)


@pytest.mark.parametrize(
    "path", [*_PAGES, *(path.relative_to(ROOT).as_posix() for path in _EXAMPLES)]
)
def test_page_or_example_imports_public_modules_only(path: str) -> None:
    """A page or an example imports from the package only what its public modules list."""
    text = (ROOT / path).read_text("utf-8")

    assert set() == set(_IMPORT.findall(text)) - set(MODULES)


@pytest.mark.parametrize("page", _PAGES)
def test_named_path_exists(page: str) -> None:
    """Every path of a module or a folder that a page names exists."""
    paths = [name for name in _list_named(page) if re.fullmatch(r"[\w./-]+(?:\.py|/)", name)]
    missing = [
        name
        for name in paths
        if not any((root / name).exists() for root in _ROOTS)
        and ("/" in name or name.removesuffix(".py") not in _words())
    ]

    assert [] == missing


@pytest.mark.parametrize("page", _PAGES)
def test_named_module_exists(page: str) -> None:
    """Every dotted name of the package that a page names is a module, or a name in one."""
    missing = []
    for name in _list_named(page):
        if re.fullmatch(r"erp_invoice_core(?:\.\w+)+", name):
            module, _, last = name.rpartition(".")
            try:
                import_module(name)
            except ImportError:
                if not hasattr(import_module(module), last):
                    missing.append(name)

    assert [] == missing


@pytest.mark.parametrize("page", _PAGES)
def test_named_word_exists(page: str) -> None:
    """Every compound word in backticks occurs in the code: no page keeps a name of the past."""
    words = {word for name in _list_named(page) for word in re.findall(r"[A-Za-z_]\w{3,}", name)}
    compound = {word for word in words if "_" in word or re.search(r"[a-z][A-Z]", word)}

    assert set() == compound - _words() - _FOREIGN.get(page, set())


def test_code_cites_nothing_that_a_reader_cannot_find() -> None:
    """No module names a numbered section of notes that are not part of the project."""
    cited = re.compile(r"\b(?:domain|design) \d|\((?:seed|domain|design|input format)\b(?! of)")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "src").rglob("*.py"))
        if cited.search(path.read_text("utf-8").replace("Random(seed)", ""))
    ]

    assert [] == found


@pytest.mark.parametrize("page", _PAGES)
def test_page_installs_from_a_clone(page: str) -> None:
    """A line that installs the package names a clone, as no package index has it yet."""
    lines = re.findall(r"pip install [^\n]*", (ROOT / page).read_text("utf-8"))

    assert [] == [line for line in lines if re.search(r"[\s'\"]erp_invoice_core\b", line)]
