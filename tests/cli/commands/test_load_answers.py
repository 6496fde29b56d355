"""The verb ``load`` with several files: answers of Procore's API beside a file with people."""

from __future__ import annotations

import copy
import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.command_run import Erp, write_document
from tests.fixtures.databases.restore import VERSIONS, restore_sqlite

EXTENDED = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "procore" / "extended.json").read_text("utf-8")
)
ID = "1280646"


@pytest.fixture
def answers() -> list[str]:
    """Write a folder of answers, each in a file of its own, and return their names."""
    plain = copy.deepcopy(EXTENDED)
    contract = plain["commitments"][0]
    for name in ("type", "project_id", "vendor_id"):
        del contract[name]
    packages = contract.pop("change_order_packages")
    people = {name: plain[name] for name in ("company", "users")}
    return [
        write_document(people, "people.json"),
        f"projects={write_document(plain['projects'], 'projects.json')}",
        f"vendors={write_document(plain['vendors'], 'vendors.json')}",
        write_document(contract, "contract.json"),
        write_document(packages, "packages.json"),
        write_document({"data": plain["requisitions"]}, "page-1.json"),
        write_document([], "page-2.json"),
    ]


def test_answers_are_loaded_together(erp: Erp, answers: list[str]) -> None:
    """The records are counted by kind; an empty page is a warning."""
    run = erp("load", *answers, "--json")
    assert 0 == run.status
    expected = {"projects": 1, "vendors": 1, "users": 2, "commitments": 1, "requisitions": 1}
    assert expected == run.document["loaded"]
    warnings = [(each["path"], each["code"]) for each in run.document["warnings"]]
    assert [("page-2.json", "file.empty")] == warnings
    again = erp("load", *answers, "--json").document
    assert ({*expected.values()} - {1, 2}, 6) == (set(), again["unchanged"])
    assert 0 == sum(again["loaded"].values())


def test_what_was_loaded_before_counts(erp: Erp, answers: list[str]) -> None:
    """Company and people are loaded once, then page by page."""
    assert 2 == erp("load", *answers[1:]).status
    assert 0 == erp("load", *answers).status
    page = EXTENDED["requisitions"][0] | {"id": 7, "number": 2, "invoice_number": "ACME-78"}
    run = erp("load", write_document([page], "page-3.json"), "--json")
    assert (0, 1) == (run.status, run.document["loaded"]["requisitions"])


def test_bad_input_in_one_file_stores_nothing_of_any(erp: Erp, answers: list[str]) -> None:
    """The path of the problem names the file, and no database is made."""
    bad = EXTENDED["requisitions"][0] | {"id": 7, "number": 0}
    run = erp("load", *answers, write_document([bad], "page-3.json"), "--json")
    assert 2 == run.status
    assert [("page-3.json: [0].number", "number.range")] == [
        (each["path"], each["code"]) for each in run.document["problems"]
    ]
    assert [] == [path.name for path in Path().iterdir() if "erp.db" in path.name]


@pytest.mark.parametrize("last", ["missing.json", ".", "\0", "vendors=missing.json"])
def test_a_file_that_cannot_be_read_is_named(erp: Erp, answers: list[str], last: str) -> None:
    """Nothing of the other files is loaded, and no database is made."""
    run = erp("load", *answers, last, "--json")
    (problem,) = run.document["problems"]
    assert (2, "file.unreadable") == (run.status, problem["code"])
    assert last.removeprefix("vendors=") == problem["path"]
    assert [] == [path.name for path in Path().iterdir() if "erp.db" in path.name]


def test_an_equals_sign_may_be_part_of_a_path(erp: Erp, answers: list[str]) -> None:
    """Only a kind before it names the content; a path that begins with a kind is written ./."""
    content = Path(answers.pop().replace("page-2", "page-1")).read_text("utf-8")
    answers.remove("page-1.json")
    Path("a=b.json").write_text(content, encoding="utf-8")
    Path("vendors=x.json").write_text(content, encoding="utf-8")
    assert 0 == erp("load", *answers, "a=b.json").status
    assert 0 == erp("load", "./vendors=x.json").status
    assert 0 == erp("load", "requisitions=./vendors=x.json").status
    assert 2 == erp("load", "vendors=x.json").status


def test_a_kind_that_is_not_known_is_part_of_a_path(erp: Erp, answers: list[str]) -> None:
    """There is no such file; the message lists the kinds."""
    run = erp("load", *answers, "invoices=page-1.json")
    assert 2 == run.status
    assert run.err.startswith(
        "invoices=page-1.json: The file invoices=page-1.json cannot be read: "
    )
    assert "the kind, write one of document, requisitions, commitments" in run.err
    assert "before =" not in erp("load", "vendors=missing.json").err


def test_a_file_that_fits_several_kinds_names_them(erp: Erp, answers: list[str]) -> None:
    """The person must name the kind."""
    bare = write_document([{"id": 1, "name": "Pier 9"}], "bare.json")
    run = erp("load", *answers, bare)
    assert 2 == run.status
    assert "bare.json: The records of this file fit several kinds. Load it as KIND=FILE" in run.err
    assert "vendors, projects." in run.err


def test_standard_input_may_be_one_of_the_files(
    erp: Erp, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a kind or without one."""
    for argument in ("-", "requisitions=-"):
        content = Path("page-1.json").read_bytes()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        assert 0 == erp("load", *answers[:5], argument).status


def test_the_files_may_be_so_large_together(erp: Erp, answers: list[str]) -> None:
    """A file that is small enough alone may be too large together with others."""
    size = sum(Path(name.rpartition("=")[2]).stat().st_size for name in answers)
    run = erp("load", *answers, "--max-size", str(size - 1), "--json")
    assert (2, ["file.too_large"]) == (run.status, run.codes)
    assert 0 == erp("load", *answers, "--max-size", str(size)).status


def test_a_refused_load_leaves_no_database(erp: Erp, answers: list[str]) -> None:
    """Two invoices of one ERP id, or a file in place of the folder: the refused load makes none."""
    page = [
        EXTENDED["requisitions"][0] | {"id": id_, "number": id_, "origin_id": "B-1"}
        for id_ in (1, 2)
    ]
    run = erp("load", *answers[:5], write_document(page, "twins.json"), "--json")
    assert 2 == run.status
    assert ["twins.json: [1].origin_id"] == [each["path"] for each in run.document["problems"]]
    Path("files").mkdir()
    Path("files", "lien_waiver.pdf").write_bytes(b"x")
    Path("taken").write_text("", encoding="utf-8")
    Path("erp.toml").write_text('files_dir = "taken/files"\n', encoding="utf-8")
    run = erp("load", *answers, "--files", "files", "--settings", "erp.toml")
    assert (2, "") == (run.status, run.out)
    assert [] == [path.name for path in Path().iterdir() if "erp.db" in path.name]


def test_a_missing_attachment_is_reported_with_its_path(erp: Erp, answers: list[str]) -> None:
    """The warning has the path of the attachment in its file."""
    Path("files").mkdir()
    run = erp("load", *answers, "--files", "files", "--json")
    assert 0 == run.status
    assert ("page-1.json: data[0].attachments[0].filename", "attachment.missing") in [
        (each["path"], each["code"]) for each in run.document["warnings"]
    ]


def test_cost_codes_are_kept(erp: Erp, answers: list[str]) -> None:
    """They are counted if there are any, and fill fields that a later file omits."""
    codes = [{"id": 80598391, "full_code": "05-120", "origin_id": "GL-5120", "code": "120"}]
    run = erp("load", *answers, write_document(codes, "codes.json"), "--json")
    assert 1 == run.document["loaded"]["cost_codes"]
    assert "1 cost code" in erp("load", write_document(
        [codes[0] | {"id": 2, "full_code": "07-100"}], "more.json"
    )).out  # fmt: skip
    contract = json.loads(Path("contract.json").read_text("utf-8"))
    contract["line_items"][0]["cost_code"]["origin_id"] = None
    assert 0 == erp("load", write_document(contract, "contract.json")).status
    assert [] == [
        reason["code"]
        for reason in erp("why-not", ID, "--as", "pm", "--json").document["results"][0]["denials"]
    ]


def test_a_payment_that_comes_later_is_recorded(erp: Erp, answers: list[str]) -> None:
    """The payment of an invoice that was loaded before stays when the invoice is loaded again."""
    erp("load", *answers)
    paid = {"id": 9, "requisition_id": int(ID), "amount": "5.00", "check_number": "1"}
    run = erp("load", write_document([paid], "paid.json"), "--json")
    assert (0, 1) == (run.status, run.document["loaded"]["requisitions"])
    assert 0 == erp("load", *answers, "--json").document["loaded"]["requisitions"]
    payments = erp("show", ID, "--json").document["document"]["contract_payments"]
    assert [{"id": "9", "amount": "5"}] == payments
    codes = erp("why-not", ID, "--as", "pm", "--json").codes
    assert ["invoice.paid"] == codes


def test_a_change_order_that_is_taken_back_is_reported_of_a_sent_invoice(
    erp: Erp, answers: list[str]
) -> None:
    """The missing change order refuses the file while the invoice is unsent."""
    erp("load", *answers)
    packages = json.loads(Path("packages.json").read_text("utf-8"))
    packages[0]["status"] = "draft"
    write_document(packages, "packages.json")
    where = ("page-1.json: data[0].items[1].line_item_id", "change_order.not_approved")
    run = erp("load", *answers, "--json")
    assert (2, [where]) == (
        run.status,
        [(each["path"], each["code"]) for each in run.document["problems"]],
    )
    assert 0 == erp("send", ID, "--as", "pm").status
    run = erp("load", *answers, "--json")
    assert 0 == run.status
    assert where in [(each["path"], each["code"]) for each in run.document["warnings"]]
    assert "ready" == erp("show", ID, "--json").document["status"]


def test_what_a_former_version_stored_is_unchanged(erp: Erp) -> None:
    """Its documents load again without a change, also those of locked invoices."""
    restore_sqlite(VERSIONS[0], Path("erp.db"))
    with closing(sqlite3.connect("erp.db")) as stored:
        ((company,),) = stored.execute("SELECT body FROM erp_company").fetchall()
        rows = stored.execute("SELECT kind, body FROM erp_documents").fetchall()
    document: dict[str, Any] = {"company": json.loads(company)}
    for kind, body in rows:
        document.setdefault(f"{kind}s", []).append(json.loads(body))
    run = erp("load", write_document(document), "--json")
    assert (0, len(rows), 0) == (
        run.status,
        run.document["unchanged"],
        sum(run.document["loaded"].values()),
    )


def test_the_help_names_the_kinds(erp: Erp) -> None:
    """The help text lists the kinds for a file that fits several."""
    words = " ".join(erp("load", "--help").out.split())
    assert "[KIND=]FILE..." in words
    assert "work_order_contracts" in words
