"""The steps of the how-to that its package does not run: an ERP without keys, and the report."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.scaffold import write_project

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "write-an-adapter.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def find_blocks(heading: str, language: str) -> list[str]:
    """Return the blocks of a language below a heading, as printed."""
    part = re.split(r"^#{2,3} ", PAGE.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    return [text for kind, text in _BLOCK.findall(part) if kind == language]


def read_session(block: str) -> str:
    """Return the functions of a block of the interactive interpreter as source."""
    lines = [line for line in block.splitlines() if line.startswith((">>> ", "... ", "..."))]
    return "\n".join(line[4:] for line in lines) + "\n"


def run(folder: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a module of Python in the folder of a package that counts as installed."""
    paths = map(str, (ROOT / "src", folder / "src", folder / "tests", folder / "site"))
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def replace(path: Path, *changes: tuple[str, str]) -> None:
    """Replace parts of a file, each of which it must have."""
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return the folder of a new package over HTTP, with the entry point of an installed one."""
    write_project("acme", tmp_path / "acme", http=True)
    info = tmp_path / "acme" / "site" / "erp_invoice_acme-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: erp-invoice-acme\nVersion: 0.1.0\n"
    )
    points = "[erp_invoice_core.adapters]\nacme = erp_invoice_acme:ADAPTER\n"
    (info / "entry_points.txt").write_text(points)
    return tmp_path / "acme"


def test_adapter_without_keys_keeps_its_contract(package: Path) -> None:
    """The adapter of the page's section, against an Acme that knows no keys, passes every check."""
    terms, listing, find = find_blocks("An ERP without keys", "py")
    functions = read_session(find_blocks("An ERP without keys", "python")[0])
    adapter = package / "src" / "erp_invoice_acme" / "adapter.py"
    source = adapter.read_text("utf-8")
    old_terms = source[source.index("BOOKED = ") : source.index("\n\nclass AcmeAdapter")]
    old_find = source[source.index("    def erp_find(") : source.index("    def erp_read(")]
    replace(
        adapter,
        (old_terms, terms[terms.index("BOOKED = ") :] + "\n"),
        (old_find, textwrap.indent(find, "    ") + "\n"),
        ("def build_bill(", f"{functions}\n\ndef build_bill("),
        ('        key=bill["key"],\n', ""),
    )
    replace(
        package / "src" / "erp_invoice_acme" / "client.py",
        ("    def find_bills(", textwrap.indent(listing, "    ") + "\n    def find_bills("),
    )
    replace(
        package / "tests" / "fake_acme.py",
        ('query.get("key") in bill["keys"]', 'bill["vendor"] == query.get("vendor")'),
        ('self.answers.get(key, (digest, ""))', '(digest, "")'),
        ('"key": key, ', ""),
    )

    done = run(package, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-rs")

    assert 0 == done.returncode, done.stdout
    assert int(done.stdout.split(" passed")[0].split()[-1]) >= 95


@pytest.fixture
def acme(package: Path) -> Iterator[Any]:
    """Run the package's fake as the sandbox, and return it."""
    spec = util.spec_from_file_location("fake_acme", package / "tests" / "fake_acme.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.FakeAcme() as fake:
        fake.token = module.TOKEN
        yield fake


def test_report_is_made_as_printed(package: Path, acme: Any) -> None:  # noqa: ANN401 - of the package
    """The settings, the sample and the command of the page give a report that is published."""
    (settings,), (sample,) = (find_blocks("7. The report", kind) for kind in ("toml", "json"))
    (command,) = find_blocks("7. The report", "sh")
    (package / "sandbox.toml").write_text(settings, "utf-8")
    (package / "sample.json").write_text(sample, "utf-8")
    program, *words = shlex.split(command.replace("\\\n", " "))
    sandbox = {"ERP_ACME_BASE_URL": acme.url, "ERP_ACME_TOKEN": acme.token}

    done = run(package, "erp_invoice_core.cli", *words, **sandbox)

    assert ("erp-invoice", 0) == (program, done.returncode), done.stdout + done.stderr
    path = package / "src" / "erp_invoice_acme" / "conformance.json"
    report = json.loads(path.read_text("utf-8"))
    assert (True, "acme") == (report["conformant"], report["run"]["connection"])
    assert "erp-invoice-acme" in report["versions"]
    assert json.loads(sample)["sandbox"] == report["run"]["sandbox"]
    shown = run(package, "erp_invoice_core.cli", "adapters", **sandbox)
    assert "Conformance: conformant" in shown.stdout
