"""The action ``adapters check``: contract checks against a sandbox, and their report."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import uuid
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ...adapters import Adapters
from ...adapters.settings import to_given_value
from ...queue.attachments import MAX_FILE_SIZE
from ...testing.contract.checks import CHECKS
from ...testing.contract.result import CheckResult
from ...testing.contract.run import run_contract
from ...testing.contract.trial import Target
from ...testing.samples import sample_document
from ..connections import read_connections
from ..database import choose_database
from ..output import DONE, REFUSED, Answer, build_bad_input, join_names, reserve_output
from ..text import Column

if TYPE_CHECKING:
    from ...adapters import Connection
    from ...documents import ExportDocument
    from ...testing.contract.check import CheckFinding
    from ...testing.contract.report import ConformanceReport
    from ..options import Options
    from ..text import Screen

#: The fields of the sample invoice that name records of the ERP.
_SAMPLE_FIELDS = frozenset(
    {
        "commitment_origin_id",
        "currency",
        "job_origin_id",
        "vendor_name",
        "vendor_origin_id",
    }
)
#: The fields of its lines.
_LINE_FIELDS = frozenset(
    {
        "change_order_origin_id",
        "cost_code",
        "cost_code_origin_id",
        "cost_type_origin_id",
        "line_origin_id",
        "tax_code_origin_id",
    }
)
#: The package of the library, which also has adapters.
_OWN = "erp_invoice_core"
_OTHER_VENDOR = "other_vendor"
#: The ERP ids of further tax codes, with commas between them.
_TAX_CODES = "tax_codes"
#: Days of closed accounting periods, with commas between them.
_CLOSED_DAYS = "closed_days"
#: The name of the sandbox, which the report shows.
_SANDBOX = "sandbox"
#: Objects with further fields: invoices that the adapter refuses.
_REFUSED = "refused_documents"
_DATE = "billing_date"
#: Numbers of the checks that a sandbox may need other ones of, each with the largest allowed.
_NUMBERS = {"largest_file": MAX_FILE_SIZE, "list_length": 10_000}
#: Says with yes or no whether lists have a total by which missing rows are noticed.
_TOTALS = "lists_have_totals"
_OF_REFUSED = frozenset({"invoice_number", _DATE, *_SAMPLE_FIELDS, *_LINE_FIELDS})
_LARGEST_SAMPLE = 64 * 1024
_RUN_LENGTH = 6
_STYLES = {CheckResult.REFUTED: "red", CheckResult.NOT_PROVED: "yellow"}


def check_adapter(
    options: Options,
    name: str,
    *,
    sandbox: bool,
    shared: bool,
    sample: Path | None,
    report: Path | None,
    patience: int | None = None,
) -> Answer:
    """
    Run the checks of the adapter contract against the ERP of a connection.

    Args:
        options: The shared options.
        name: The name of the connection.
        sandbox: True if the ERP is a sandbox, into which test invoices may be written.
        shared: True if other people use the sandbox too; checks that could disturb them are left
            out.
        sample: A JSON file with fields of the test invoices, such as the vendor's id in the ERP.
        report: The folder in which the report is written; ``None``: it is only shown.
        patience: The most seconds that a check waits for the ERP; ``None``: as many as by default.

    Raises:
        BadInput: The ERP is not a sandbox, there is no such connection, or the sample is not valid.
    """
    if not sandbox:
        raise build_bad_input(
            "--sandbox",
            "usage.missing",
            "The checks write test invoices into the ERP of connection {name}. Add --sandbox if it"
            " is a sandbox.",
            name=name,
        )
    with reserve_output():
        adapters = Adapters.installed()
        connection = _find_connection(options, adapters, name)
        given = _read_sample(sample)
        found = _run(connection, adapters, given, is_shared=shared, patience=patience)
    versions = _list_versions(connection.adapter)
    run = {"date": datetime.now(UTC).date().isoformat(), "connection": name}
    run |= {_SANDBOX: given[_SANDBOX]} if _SANDBOX in given else {}
    run |= {} if patience is None else {"patience": f"{patience} seconds"}
    document = found.build_document(versions, run)
    if report is not None:
        found.publish(report, versions, run)

    def write(screen: Screen) -> None:
        _print_report(screen, found, report)

    status = DONE if found.is_conformant else REFUSED
    return Answer(status=status, document=document, write=write)


def _find_connection(options: Options, adapters: Adapters, name: str) -> Connection:
    beside = choose_database(options).beside
    _, bound = read_connections(options.settings, adapters, beside, os.environ)
    known = {each.name: each for each in bound}
    if name not in known:
        raise build_bad_input(
            "NAME",
            "connection.unknown",
            "There is no connection {name}. Connections: {names}. Give its settings in a file"
            " (--settings) or in the environment.",
            name=name,
            names=join_names(known),
        )
    return known[name]


def _run(
    connection: Connection,
    adapters: Adapters,
    given: dict[str, Any],
    *,
    is_shared: bool,
    patience: int | None,
) -> ConformanceReport:
    settings = {name: to_given_value(value) for name, value in connection.settings.items()}
    refused = given.get(_REFUSED, ())
    target = Target(
        plugin=adapters[connection.adapter].plugin,
        settings=lambda _folder: settings,
        document=lambda: _build_sample(given),
        refused_documents=lambda: [_build_sample({**given, **each}) for each in refused],
        run=uuid.uuid4().hex[:_RUN_LENGTH].upper(),
        is_shared=is_shared,
        other_vendor=given.get(_OTHER_VENDOR),
        tax_codes=_split(given.get(_TAX_CODES, "")),
        closed_days=lambda: [
            date.fromisoformat(each) for each in _split(given.get(_CLOSED_DAYS, ""))
        ],
    )
    numbers: dict[str, Any] = {name: int(given[name]) for name in _NUMBERS if name in given}
    target = attrs.evolve(target, lists_have_totals=given.get(_TOTALS) != "no", **numbers)
    if patience is not None:
        target = attrs.evolve(target, patience=timedelta(seconds=patience))
    with tempfile.TemporaryDirectory() as folder, _build_progress() as progress:
        task = progress.add_task("Checking", total=len(CHECKS))

        def note(finding: CheckFinding) -> None:
            progress.update(task, advance=1, description=finding.check.name)

        return run_contract(target, lambda _name: Path(folder), note=note)


def _build_progress() -> Progress:
    """Return a progress bar on standard error, visible only on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, force_terminal=sys.stderr.isatty())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


# ── the sample invoice ──────────────────────────────────────────────────────────────────────────


def _read_sample(path: Path | None) -> dict[str, Any]:
    """
    Return the fields that the file gives for the test invoices; no fields without a file.

    Raises:
        BadInput: The file cannot be read, or has a field that is not one of a sample.
    """
    if path is None:
        return {}
    try:
        text = path.read_bytes()[: _LARGEST_SAMPLE + 1]
        given = json.loads(text) if len(text) <= _LARGEST_SAMPLE else None
    except (OSError, ValueError):
        given = None
    if not isinstance(given, dict) or not _is_sample(given):
        raise build_bad_input(
            "--sample",
            "sample.invalid",
            "{file} is not a JSON object of texts of at most 64 KiB. Write one field a line,"
            " a day as 2026-10-31, and a number as 200.",
            file=path,
        )
    known = (
        _SAMPLE_FIELDS
        | _LINE_FIELDS
        | {_OTHER_VENDOR, _REFUSED, _SANDBOX, _TAX_CODES, _CLOSED_DAYS}
        | {_TOTALS}
        | _NUMBERS.keys()
    )
    unknown = sorted(given.keys() - known)
    unknown += sorted(
        name for each in given.get(_REFUSED, ()) for name in each.keys() - _OF_REFUSED
    )
    if unknown:
        raise build_bad_input(
            "--sample",
            "sample.field_unknown",
            "{file} has a field {field}. The fields are: {known}.",
            file=path,
            field=unknown[0],
            known=", ".join(sorted(known if unknown[0] in given else _OF_REFUSED)),
        )
    return given


def _is_sample(given: dict[str, Any]) -> bool:
    """
    Return whether the fields of a sample file have the right types.

    All are texts except ``refused_documents``, a list of objects of texts: invoices that the
    adapter must refuse. Their ``billing_date`` and ``closed_days`` must be days in ISO 8601, and
    ``largest_file`` and ``list_length`` numbers above zero. ``lists_have_totals`` is yes or no.
    """
    refused = given.get(_REFUSED, [])
    texts = [value for name, value in given.items() if name != _REFUSED]
    if not isinstance(refused, list) or not all(isinstance(each, dict) for each in refused):
        return False
    texts += [value for each in refused for value in each.values()]
    if not all(isinstance(each, str) for each in texts):
        return False
    if not all(_is_number(given[name], most) for name, most in _NUMBERS.items() if name in given):
        return False
    if given.get(_TOTALS, "yes") not in {"yes", "no"}:
        return False
    days = [each[_DATE] for each in refused if _DATE in each]
    return all(map(_is_day, (*days, *_split(given.get(_CLOSED_DAYS, "")))))


def _split(text: str) -> tuple[str, ...]:
    """Return the texts between commas, without spaces around them and without empty ones."""
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _is_number(text: str, most: int) -> bool:
    is_short = len(text) <= len(str(most))
    return is_short and text.isascii() and text.isdigit() and 0 < int(text) <= most


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _build_sample(given: dict[str, Any]) -> ExportDocument:
    document = sample_document()
    changes = {name: given[name] for name in _LINE_FIELDS if name in given}
    lines = tuple(attrs.evolve(line, **changes) for line in document.lines)
    head = {name: given[name] for name in (*_SAMPLE_FIELDS, "invoice_number") if name in given}
    days = {_DATE: date.fromisoformat(given[_DATE])} if _DATE in given else {}
    return attrs.evolve(document, **{**head, **days, "lines": lines})


# ── the report ──────────────────────────────────────────────────────────────────────────────────


def _list_versions(adapter: str) -> dict[str, str]:
    """Return the versions of the adapter's own package, of the library and of Python, by name."""
    try:
        own = version(_OWN)
    except PackageNotFoundError:
        own = "unknown"
    points = entry_points(group="erp_invoice_core.adapters", name=adapter)
    packages = {each.dist.name: each.dist.version for each in points if each.dist is not None}
    others = {name: each for name, each in packages.items() if name.replace("-", "_") != _OWN}
    return {**others, _OWN: own, "Python": platform.python_version()}


def _print_report(screen: Screen, found: ConformanceReport, folder: Path | None) -> None:
    declaration = found.declaration
    screen.print_title(f"{declaration.name} ({declaration.key}, contract {declaration.contract})")
    shown = [each for each in found.findings if each.result in _STYLES]
    rows = [(each.check.name, each.result.value.replace("_", " "), each.why) for each in shown]
    if len(rows) > 1 and len({row[1:] for row in rows}) == 1:  # as with an ERP that is down
        rows = [(f"{len(rows)} checks", *rows[0][1:])]
    if rows:
        screen.print_table((Column("Check"), Column("Result"), Column("Seen")), rows)
    counted = found.count_results()
    screen.print_line(
        f"Words: {counted[CheckResult.PROVED]} proved, {counted[CheckResult.REFUTED]} refuted,"
        f" {counted[CheckResult.NOT_PROVED]} not proved."
    )
    screen.print_line("It is conformant." if found.is_conformant else "It is not conformant.")
    if folder is not None:
        screen.print_line(f"The report is in {folder}: conformance.json and conformance.md.")
