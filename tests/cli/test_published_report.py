"""The conformance report that an adapter package publishes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters import Adapter, Declaration, StepTerms, Unknown, hookimpl
from erp_invoice_core.cli.published_report import describe_report, read_published_report

if TYPE_CHECKING:
    from pathlib import Path

_MODULE = """
from erp_invoice_core import adapters as erp


@erp.hookimpl
def erp_declaration():
    return erp.Declaration(key="published", name="Published", terms={"bill": erp.StepTerms()})


@erp.hookimpl
def erp_write(request):
    return erp.Unknown(request.connection)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an importable package that is an adapter."""
    folder = tmp_path / "erp_published"
    folder.mkdir()
    (folder / "__init__.py").write_text(_MODULE, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "erp_published", raising=False)
    return folder


def _load() -> Adapter:
    import erp_published  # type: ignore[import-not-found]  # noqa: PLC0415 - the fixture writes it

    return Adapter(erp_published)


def _write(package: Path, **changes: object) -> None:
    words = [{"word": str(n), "value": "", "result": "proved"} for n in range(3)]
    words.append({"word": "4", "value": "", "result": "not_proved"})
    report = {
        "declaration": _load().declaration.digest,
        "conformant": True,
        "words": words,
        "versions": {"erp_invoice_core": "0.5.0"},
    }
    (package / "conformance.json").write_text(json.dumps({**report, **changes}), "utf-8")


def test_report_is_read_beside_the_module(package: Path) -> None:
    """The sentence counts the words, and names the version of the contract's package."""
    _write(package)

    report = read_published_report(_load())

    assert "conformant, 3 of 4 words proved (erp_invoice_core 0.5.0)" == describe_report(report)


def test_report_of_another_declaration_is_named(package: Path) -> None:
    """A declaration that was changed since says nothing about this one."""
    _write(package, declaration="2:0000")

    report = read_published_report(_load())

    assert "the published report is about another declaration" == describe_report(report)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"words": 1}', "x" * 1024 * 1025])
def test_malformed_report_counts_as_none(
    package: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that is no report, or too large, counts as absent and stops nothing."""
    (package / "conformance.json").write_text(text, "utf-8")

    assert "no report is published" == describe_report(read_published_report(_load()))
    assert "conformance.json of adapter published is not a report" in caplog.text


class _Instance:
    """An adapter that is an instance in a module without a package."""

    @hookimpl
    def erp_declaration(self) -> Declaration:
        """Declare nothing."""
        return Declaration(key="instance", name="Instance", terms={"bill": StepTerms()})

    @hookimpl
    def erp_write(self) -> Unknown:
        """Write nothing."""
        return Unknown("Nothing was sent.")


def test_adapter_without_a_report_has_none(caplog: pytest.LogCaptureFixture) -> None:
    """An instance is looked for beside its class, and a missing report is nothing to log."""
    assert read_published_report(Adapter(_Instance())) is None
    assert "" == caplog.text
