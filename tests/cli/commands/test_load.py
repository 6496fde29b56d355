"""The verb ``load`` stores all of a file or nothing, and changes no locked invoice."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from erp_invoice_core.cli.commands import load
from erp_invoice_core.records import kinds
from erp_invoice_core.records.kinds import RecordKind
from erp_invoice_core.stores.cache import Recent
from erp_invoice_core.wire.procore import reader
from erp_invoice_core.wire.procore import requisition as requisition_module
from tests.cli.command_run import Erp, requisition, write_document

KINDS = {"projects": 2, "vendors": 5, "users": 6, "commitments": 7, "requisitions": 15}


def test_a_first_load_counts_every_record(erp: Erp, project: dict[str, Any]) -> None:
    """A first load prints the number of records of each kind."""
    run = erp("load", write_document(project), "--json")
    expected = {
        "loaded": KINDS,
        "unchanged": 0,
        "ignored_fields": 0,
        "warnings": [],
        "problems": [],
        "results": [],
    }
    assert (0, expected) == (run.status, run.document)


def test_loading_twice_changes_nothing(loaded: Erp) -> None:
    """Loading the same file again leaves every record unchanged."""
    run = loaded("load", "given.json", "--json")
    assert (0, dict.fromkeys(KINDS, 0), 35) == (
        run.status,
        run.document["loaded"],
        run.document["unchanged"],
    )


def test_a_changed_unsent_invoice_is_updated(loaded: Erp, project: dict[str, Any]) -> None:
    """An invoice that was never sent gets the values of the new file."""
    requisition(project, "5009")["invoice_number"] = "BE-2700"
    run = loaded("load", write_document(project), "--json")
    assert (0, 1, 34) == (
        run.status,
        run.document["loaded"]["requisitions"],
        run.document["unchanged"],
    )
    assert "BE-2700" == loaded("show", "5009", "--json").document["invoice_number"]


def test_a_changed_locked_invoice_stays(loaded: Erp, project: dict[str, Any]) -> None:
    """A sent invoice is unchanged, its denial is reported, and the rest of the file is loaded."""
    loaded("send", "5001", "--as", "pm")
    requisition(project, "5001")["invoice_number"] = "ACME-9999"
    requisition(project, "5009")["invoice_number"] = "BE-2700"
    run = loaded("load", write_document(project), "--json")
    assert 1 == run.status
    assert ["status.edit"] == run.codes
    assert ("ready", 1) == (run.results["5001"]["status"], run.results["5001"]["version"])
    assert (1, 33) == (run.document["loaded"]["requisitions"], run.document["unchanged"])
    assert "ACME-1041" == loaded("show", "5001", "--json").document["invoice_number"]
    assert "BE-2700" == loaded("show", "5009", "--json").document["invoice_number"]


def test_the_due_date_of_a_locked_invoice_changes(loaded: Erp, project: dict[str, Any]) -> None:
    """It is only proposed to the approver, and is no part of what was sent."""
    loaded("send", "5001", "--as", "pm")
    requisition(project, "5001")["due_date"] = "2026-11-30"
    run = loaded("load", write_document(project), "--json")
    assert (0, [], 1) == (
        run.status,
        run.document["results"],
        run.document["loaded"]["requisitions"],
    )
    assert 0 == loaded("accept", "5001", "--as", "ap").status


def test_attachments_of_a_locked_invoice_change(loaded: Erp, project: dict[str, Any]) -> None:
    """A new attachment of a sent invoice is stored; nothing is refused."""
    loaded("send", "5001", "--as", "pm")
    requisition(project, "5001")["attachments"].append({"id": "9", "filename": "photo.jpg"})
    run = loaded("load", write_document(project), "--json")
    assert (0, 1) == (run.status, run.document["loaded"]["requisitions"])
    files = loaded("show", "5001", "--json").document["document"]["attachments"]
    assert ["lien-waiver-august.pdf", "photo.jpg"] == [file["filename"] for file in files]


def test_the_attachment_goes_in_though_the_edit_is_refused(
    loaded: Erp, project: dict[str, Any]
) -> None:
    """If amounts and attachments change, a locked invoice takes only the attachments."""
    loaded("send", "5001", "--as", "pm")
    bent = requisition(project, "5001")
    bent["attachments"].append({"id": "9", "filename": "photo.jpg"})
    bent["invoice_number"] = "ACME-9999"
    run = loaded("load", write_document(project), "--json")
    assert (1, 1, 34) == (
        run.status,
        run.document["loaded"]["requisitions"],
        run.document["unchanged"],
    )
    shown = loaded("show", "5001", "--json").document
    assert ("ACME-1041", 2) == (shown["invoice_number"], len(shown["document"]["attachments"]))


def test_what_happens_to_a_sent_invoice_is_recorded(loaded: Erp, project: dict[str, Any]) -> None:
    """A payment and Procore's ERP status are not edits: nothing is refused."""
    loaded("send", "5001", "--as", "pm")
    bent = requisition(project, "5001")
    bent |= {"erp_status": "synced", "payment_date": "2026-11-20"}
    bent["items"][0]["status"] = "approved"
    run = loaded("load", write_document(project), "--json")
    assert (0, 1) == (run.status, run.document["loaded"]["requisitions"])
    shown = loaded("show", "5001", "--json").document["document"]
    assert ("synced", "2026-11-20", "approved") == (
        shown["erp_status"],
        shown["payment_date"],
        shown["items"][0]["status"],
    )


def test_it_is_recorded_though_the_edit_is_refused(loaded: Erp, project: dict[str, Any]) -> None:
    """If the number and a payment change, a locked invoice takes only the payment."""
    loaded("send", "5001", "--as", "pm")
    bent = requisition(project, "5001")
    bent |= {"invoice_number": "ACME-9999", "payment_date": "2026-11-20"}
    run = loaded("load", write_document(project), "--json")
    assert (1, ["status.edit"]) == (run.status, run.codes)
    shown = loaded("show", "5001", "--json").document["document"]
    assert ("ACME-1041", "2026-11-20") == (shown["invoice_number"], shown["payment_date"])


def test_a_stale_row_of_a_sent_invoice_is_reported(loaded: Erp, project: dict[str, Any]) -> None:
    """A line that no longer exists refuses the file only while the invoice is unsent."""
    loaded("send", "5001", "--as", "pm")
    for id_ in ("5001", "5009"):
        requisition(project, id_)["vendor_id"] = "another"
    run = loaded("load", write_document(project), "--json")
    paths = [(each["path"], each["code"]) for each in run.document["problems"]]
    assert (2, [("requisitions[9].vendor_id", "reference.other_vendor")]) == (run.status, paths)
    del requisition(project, "5009")["vendor_id"]
    run = loaded("load", write_document(project), "--json")
    assert 0 == run.status
    assert ("requisitions[1].vendor_id", "reference.other_vendor") in [
        (each["path"], each["code"]) for each in run.document["warnings"]
    ]


def test_a_policy_may_seal_the_attachments(loaded: Erp, project: dict[str, Any]) -> None:
    """If attachments may not change after the sync, those of a synced invoice are unchanged."""
    Path("erp.toml").write_text("[policy]\nattachments_after_sync = false\n", encoding="utf-8")
    requisition(project, "5000")["attachments"].append({"id": "9", "filename": "photo.jpg"})
    run = loaded("load", write_document(project), "--settings", "erp.toml", "--json")
    assert (1, ["5000"]) == (run.status, list(run.results))
    assert "attachments" not in loaded("show", "5000", "--json").document["document"]


def test_bad_input_stores_nothing(erp: Erp, project: dict[str, Any]) -> None:
    """Every problem is reported with its path, and no database is made."""
    requisition(project, "5001")["items"][0]["scheduled_value"] = 1.5e40
    project["commitments"][0]["vendor_id"] = "nobody"
    run = erp("load", write_document(project), "--json")
    paths = [problem["path"] for problem in run.document["problems"]]
    assert 2 == run.status
    assert {"requisitions[1].items[0].scheduled_value", "commitments[0].vendor_id"} <= set(paths)
    assert ["given.json"] == [file.name for file in Path().iterdir()]


def test_bad_input_leaves_what_is_there(loaded: Erp, project: dict[str, Any]) -> None:
    """A bad file changes nothing in an existing database."""
    requisition(project, "5009")["invoice_number"] = "BE-2700"
    requisition(project, "5008")["status"] = "paid"
    assert 2 == loaded("load", write_document(project)).status
    assert loaded("show", "5009", "--json").document["invoice_number"] is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.not_json"),
        (b"{", "file.not_json"),
        (b"\xff\xfe", "file.not_utf8"),
        (b"[" * 100_000, "file.too_deep"),
    ],
)
def test_a_file_that_is_no_document(erp: Erp, content: bytes, code: str) -> None:
    """A file that is not a JSON document is bad input, with one problem."""
    Path("given.json").write_bytes(content)
    run = erp("load", "given.json", "--json")
    assert (2, [code]) == (run.status, run.codes)
    assert erp("load", "given.json").err.startswith("given.json: ")


def test_a_file_that_is_too_large(erp: Erp, project: dict[str, Any]) -> None:
    """A file beyond --max-size is refused."""
    run = erp("load", write_document(project), "--max-size", "1000", "--json")
    assert (2, ["file.too_large"]) == (run.status, run.codes)


def test_a_huge_size_reserves_nothing(erp: Erp, project: dict[str, Any]) -> None:
    """With a huge size limit only the size of the file is read."""
    assert 0 == erp("load", write_document(project), "--max-size", str(10**18)).status


@pytest.mark.parametrize("name", ["missing.json", ".", "a\0b"])
def test_a_file_that_cannot_be_read(erp: Erp, name: str) -> None:
    """A missing file, or a folder, is reported as a problem without a traceback."""
    run = erp("load", name, "--json")
    assert (2, ["file.unreadable"]) == (run.status, run.codes)


def test_standard_input(erp: Erp, project: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads the document from standard input."""
    content = io.BytesIO(json.dumps(project).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=content))
    assert KINDS == erp("load", "-", "--json").document["loaded"]


def test_a_file_of_another_company(loaded: Erp, project: dict[str, Any]) -> None:
    """A database is for one company: the file of another is refused, and nothing is stored."""
    project["company"]["id"] = "2"
    requisition(project, "5009")["invoice_number"] = "BE-2700"
    run = loaded("load", write_document(project), "--json")
    assert (2, ["company.other"]) == (run.status, run.codes)
    assert loaded("show", "5009", "--json").document["invoice_number"] is None


def test_an_invoice_with_an_erp_id_is_synced(loaded: Erp) -> None:
    """A requisition that is loaded with an ERP id is synced on its connection."""
    shown = loaded("show", "5000", "--json").document
    assert ("synced", "imported", 1, None) == (
        shown["status"],
        shown["connection"],
        shown["version"],
        shown["waits_for"],
    )
    assert [("bill", "BILL-20417")] == [(e["role"], e["erp_id"]) for e in shown["receipts"]]


def test_an_erp_id_that_comes_later(loaded: Erp, project: dict[str, Any]) -> None:
    """An invoice without entry that is loaded again with an ERP id is synced then."""
    requisition(project, "5006")["origin_id"] = "BILL-1"
    assert 0 == loaded("load", write_document(project)).status
    assert "synced" == loaded("show", "5006", "--json").document["status"]


def test_an_erp_id_is_ours_once_there_is_an_entry(loaded: Erp, project: dict[str, Any]) -> None:
    """The ERP id of a file is ignored once the invoice has an entry."""
    loaded("send", "5001", "--as", "pm")
    requisition(project, "5001")["origin_id"] = "BILL-1"
    run = loaded("load", write_document(project), "--json")
    assert (0, 35) == (run.status, run.document["unchanged"])
    assert "ready" == loaded("show", "5001", "--json").document["status"]


def test_two_invoices_with_one_erp_id(erp: Erp, project: dict[str, Any]) -> None:
    """Two invoices cannot be one document of the ERP: bad input, nothing is stored."""
    requisition(project, "5006")["origin_id"] = "BILL-20417"
    run = erp("load", write_document(project), "--json")
    assert (2, ["requisitions[6].origin_id"]) == (
        run.status,
        [problem["path"] for problem in run.document["problems"]],
    )
    assert not Path("erp.db").exists()


def test_digests_of_attachments(erp: Erp, project: dict[str, Any]) -> None:
    """With ``--files`` each attachment whose file is in the folder gets its digest."""
    Path("papers").mkdir()
    Path("papers/pile-log.pdf").write_bytes(b"piles")
    only = {**project, "requisitions": [requisition(project, "5004")]}
    run = erp("load", write_document(only), "--files", "papers", "--json")
    (file,) = erp("show", "5004", "--json").document["document"]["attachments"]
    assert (0, []) == (run.status, run.document["warnings"])
    assert hashlib.sha256(b"piles").hexdigest() == file["sha256"]
    assert 0 == erp("load", write_document(only), "--json").document["loaded"]["requisitions"]


@pytest.mark.parametrize("name", ["../secret.pdf", "/etc/passwd", "..", "link.pdf", "a\\b.pdf"])
def test_no_path_leads_out_of_the_folder(erp: Erp, project: dict[str, Any], name: str) -> None:
    """An attachment's name opens no file outside of the folder, through links neither."""
    Path("papers").mkdir()
    Path("secret.pdf").write_bytes(b"secret")
    Path("papers/link.pdf").symlink_to(Path("secret.pdf").absolute())
    bent = requisition(project, "5004")
    bent["attachments"][0]["filename"] = name
    only = {**project, "requisitions": [bent]}
    run = erp("load", write_document(only), "--files", "papers", "--json")
    (warning,) = run.document["warnings"]
    assert (0, "attachment.missing", "requisitions[0].attachments[0].filename") == (
        run.status,
        warning["code"],
        warning["path"],
    )


def test_files_must_be_a_folder(erp: Erp, project: dict[str, Any]) -> None:
    """A missing folder is bad usage."""
    run = erp("load", write_document(project), "--files", "papers", "--json")
    assert (2, ["usage.invalid"]) == (run.status, run.codes)


def test_a_later_file_refers_to_what_is_there(loaded: Erp, project: dict[str, Any]) -> None:
    """A file of requisitions alone finds their commitments in the database."""
    bent = requisition(project, "5009")
    bent["invoice_number"] = "BE-2700"
    run = loaded("load", write_document({"company": project["company"], "requisitions": [bent]}))
    assert (0, True) == (run.status, "1 requisition." in run.out)


def test_what_a_person_reads(loaded: Erp, project: dict[str, Any]) -> None:
    """The text says what was loaded, what was ignored, and why an invoice is unchanged."""
    loaded("send", "5001", "--as", "pm")
    bent = requisition(project, "5001")
    bent["invoice_number"] = "ACME-9999"
    bent["custom_field"] = 1.5
    bent["items"][0]["total_completed_and_stored_to_date"] = "1.00"
    out = loaded("load", write_document(project)).out
    assert "5001: unchanged (ready)" in out
    assert "status.edit" in out
    assert "Ignored, as they are not read: 1 fields." in out
    assert "requisitions[1].items[0]" in out


def test_each_record_is_read_once(
    erp: Erp, project: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first load and another one read each invoice of the file once, and no equal stored one."""
    read: list[str] = []
    stored: list[str] = []
    parse, readers = requisition_module.parse_requisition, dict(kinds._READERS)

    def parse_noted(scope: Any, *given: Any) -> Any:  # noqa: ANN401 - as the function
        read.append(scope.value["id"])
        return parse(scope, *given)

    def read_noted(plain: Any) -> Any:  # noqa: ANN401 - as the function
        stored.append(plain["id"])
        return readers[RecordKind.REQUISITION](plain)

    monkeypatch.setattr(reader, "parse_requisition", parse_noted)
    monkeypatch.setattr(kinds, "_READERS", {**readers, RecordKind.REQUISITION: read_noted})
    monkeypatch.setattr(kinds, "_VALUES", Recent(8_000_000))
    for _ in range(2):
        read.clear()
        assert 0 == erp("load", write_document(project)).status
        assert sorted(each["id"] for each in project["requisitions"]) == sorted(read)
    assert [] == stored


def test_a_load_into_a_database_that_was_just_filled_is_refused(
    erp: Erp, project: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file was read without the records that another process has loaded meanwhile."""
    given = write_document(project)
    check = load._check_import

    def load_meanwhile(*arguments: Any) -> None:  # noqa: ANN401 - as the function
        monkeypatch.setattr(load, "_check_import", check)
        erp("load", given)

    monkeypatch.setattr(load, "_check_import", load_meanwhile)
    run = erp("load", given, "--json")
    assert (2, ["database.busy"]) == (run.status, run.codes)
    assert 0 == erp("load", given).status
