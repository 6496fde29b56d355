"""``load --files`` stores the content of attachments by digest, and reports missing content."""

from __future__ import annotations

import hashlib
import os
import shutil
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.cli import attachments
from tests.cli.command_run import Erp, requisition, write_document
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

PILES = b"Pile log, signed."
DIGEST = hashlib.sha256(PILES).hexdigest()
KEPT = Path("erp.db.files") / DIGEST[:2] / DIGEST


def write_with_attachments(project: dict[str, Any], *names: str) -> str:
    """Return a file with invoice 5004 alone, with attachments of these names."""
    bent = requisition(project, "5004")
    bent["attachments"] = [
        {"id": str(place), "filename": name, "content_type": None, "url": None}
        for place, name in enumerate(names, 1)
    ]
    return write_document({**project, "requisitions": [bent]})


def write_files(**files: bytes) -> Path:
    """Return a folder with these files, ``piles`` as ``piles.pdf``."""
    folder = Path("papers")
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.pdf").write_bytes(content)
    return folder


def test_content_is_kept_beside_the_database(erp: Erp, project: dict[str, Any]) -> None:
    """The files of the folder are copied under their digest; ``show`` says that they are stored."""
    write_files(piles=PILES)
    run = erp("load", write_with_attachments(project, "piles.pdf"), "--files", "papers", "--json")
    shutil.rmtree("papers")
    assert (0, [], PILES) == (run.status, run.document["warnings"], KEPT.read_bytes())
    shown = erp("show", "5004", "--json").document["attachments"]
    assert [
        {
            "id": "1",
            "filename": "piles.pdf",
            "sha256": DIGEST,
            "has_content": True,
            "state": "here",
        }
    ] == shown
    assert "kept" in erp("show", "5004").out


def test_folder_is_named_in_the_settings(erp: Erp, project: dict[str, Any]) -> None:
    """A relative folder is beside the settings file, in whichever folder the command runs."""
    Path("etc").mkdir()
    Path("etc/erp.toml").write_text('files_dir = "kept"\n', encoding="utf-8")
    write_files(piles=PILES)
    load = ("load", write_with_attachments(project, "piles.pdf"), "--files", "papers")
    assert 0 == erp(*load, "--settings", "etc/erp.toml").status
    assert (Path("etc/kept") / DIGEST[:2] / DIGEST).is_file()
    assert not Path("erp.db.files").exists()


@pytest.mark.parametrize("value", ["7", '""', '["kept"]', '"a\\u0000b"'])
def test_folder_must_be_text(erp: Erp, project: dict[str, Any], value: str) -> None:
    """Any other type in the settings is bad input."""
    Path("erp.toml").write_text(f"files_dir = {value}\n", encoding="utf-8")
    run = erp("load", write_document(project), "--settings", "erp.toml", "--json")
    assert (2, ["settings.type"]) == (run.status, run.codes)


def test_same_database_through_a_link_has_the_same_files(erp: Erp, project: dict[str, Any]) -> None:
    """The folder is beside the database itself, not beside a link to it."""
    write_files(piles=PILES)
    erp("load", write_with_attachments(project, "piles.pdf"), "--files", "papers")
    Path("elsewhere").mkdir()
    Path("elsewhere/link.db").symlink_to(Path("erp.db").absolute())
    (shown,) = erp("show", "5004", "--db", "elsewhere/link.db", "--json").document["attachments"]
    assert shown["has_content"] is True


def test_postgres_needs_a_named_folder(erp: Erp, project: dict[str, Any]) -> None:
    """A database on a server has no folder: the settings must name one for files."""
    write_files(piles=PILES)
    load = ("load", write_with_attachments(project, "piles.pdf"), "--files", "papers", "--json")
    Path("erp.toml").write_text('files_dir = "kept"\n', encoding="utf-8")
    with fresh_schema() as url:
        refused = erp(*load, "--db", url)
        assert (2, ["settings.files_dir"]) == (refused.status, refused.codes)
        assert 0 == erp(*load, "--db", url, "--settings", "erp.toml").status
        shown = erp("show", "5004", "--db", url, "--settings", "erp.toml", "--json")
        assert [True] == [file["has_content"] for file in shown.document["attachments"]]
        assert 0 == erp("show", "5004", "--db", url).status


def _forms() -> Sequence[tuple[str, str]]:
    name = "Zusatzvertr\u00e4ge \u00e9.pdf"
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    return [(one, other) for one in forms for other in forms]


@pytest.mark.parametrize(("asked", "there"), _forms(), ids=["cc", "cd", "dc", "dd"])
def test_names_are_compared_in_nfc(
    erp: Erp, project: dict[str, Any], asked: str, there: str
) -> None:
    """Composed and decomposed accents, in the data or on the disk, name the same file."""
    (write_files() / there).write_bytes(PILES)
    run = erp("load", write_with_attachments(project, asked), "--files", "papers", "--json")
    assert (0, [], True) == (run.status, run.document["warnings"], KEPT.is_file())


def test_exact_name_goes_before_an_equal_one(erp: Erp, project: dict[str, Any]) -> None:
    """If both forms are in the folder, each name finds its own."""
    composed, parted = _forms()[1]
    folder = write_files()
    (folder / composed).write_bytes(PILES)
    (folder / parted).write_bytes(b"Another one.")
    erp("load", write_with_attachments(project, composed, parted), "--files", "papers")
    shown = erp("show", "5004", "--json").document["attachments"]
    expected = [DIGEST, hashlib.sha256(b"Another one.").hexdigest()]
    assert expected == [file["sha256"] for file in shown]


def test_files_that_cannot_be_read_are_warnings(
    erp: Erp, project: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, unreadable, looping, dangling, a folder, a pipe: each a warning, the rest loads."""
    folder = write_files(piles=PILES, secret=b"secret")
    (folder / "loop.pdf").symlink_to("loop.pdf")
    (folder / "dangling.pdf").symlink_to("nowhere.pdf")
    (folder / "folder.pdf").mkdir()
    os.mkfifo(folder / "pipe.pdf")
    usual = Path.open

    def open_unless_secret(path: Path, *words: Any, **more: Any) -> Any:  # noqa: ANN401 - as Path.open
        if path.name == "secret.pdf":
            raise PermissionError(13, "Permission denied")
        return usual(path, *words, **more)

    monkeypatch.setattr(Path, "open", open_unless_secret)
    names = ["piles", "missing", "secret", "loop", "dangling", "folder", "pipe"]
    load = (
        "load",
        write_with_attachments(project, *(f"{name}.pdf" for name in names)),
        "--files",
        "papers",
    )
    run = erp(*load, "--json")

    path = "requisitions[0].attachments[{}].filename"
    assert (0, 1) == (run.status, run.document["loaded"]["requisitions"])
    assert [
        (path.format(1), "attachment.missing"),
        (path.format(2), "attachment.unreadable"),
        (path.format(3), "attachment.unreadable"),
        (path.format(4), "attachment.missing"),
        (path.format(5), "attachment.missing"),
        (path.format(6), "attachment.missing"),
    ] == [(each["path"], each["code"]) for each in run.document["warnings"]]
    assert KEPT.is_file()


def test_file_that_is_too_large_is_a_warning(
    erp: Erp, project: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not stored, and counts as an attachment without content."""
    monkeypatch.setattr("erp_invoice_core.cli.file_store.MAX_FILE_SIZE", 5)
    write_files(piles=PILES)
    run = erp("load", write_with_attachments(project, "piles.pdf"), "--files", "papers", "--json")
    assert (0, ["attachment.too_large"], False) == (
        run.status,
        [each["code"] for each in run.document["warnings"]],
        KEPT.exists(),
    )


def test_stated_digest_that_differs_is_a_warning(erp: Erp, project: dict[str, Any]) -> None:
    """The content counts, and a warning says that the stated digest differs."""
    write_files(piles=PILES)
    bent = requisition(project, "5004")
    bent["attachments"] = [{"id": "1", "filename": "piles.pdf", "sha256": "ab" * 32}]
    only = write_document({**project, "requisitions": [bent]})
    run = erp("load", only, "--files", "papers", "--json")
    (shown,) = erp("show", "5004", "--json").document["attachments"]
    assert (["attachment.differs"], DIGEST) == (
        [each["code"] for each in run.document["warnings"]],
        shown["sha256"],
    )


def test_folder_that_cannot_be_written_refuses_the_load(erp: Erp, project: dict[str, Any]) -> None:
    """The content cannot be stored: nothing is loaded, and the message names the folder."""
    write_files(piles=PILES)
    Path("erp.db.files").write_bytes(b"in the way")
    run = erp("load", write_with_attachments(project, "piles.pdf"), "--files", "papers", "--json")
    assert (2, ["files.unwritable"]) == (run.status, run.codes)


def test_content_is_removed_when_nothing_refers_to_it(
    erp: Erp, project: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load after seven days removes it; while an invoice has the attachment it stays."""
    moment = datetime(2026, 11, 2, 12, tzinfo=UTC)
    days = 0
    monkeypatch.setattr(
        attachments.remove_unreferenced_files,
        "__defaults__",
        (lambda: moment + timedelta(days=days),),
    )
    write_files(piles=PILES)
    erp("load", write_with_attachments(project, "piles.pdf"), "--files", "papers")
    bare = write_with_attachments(project)
    for days, is_kept in ((20, True), (21, True), (28, False)):
        assert 0 == erp("load", bare).status
        assert is_kept == KEPT.is_file(), days


def test_cleanup_that_fails_fails_no_load(erp: Erp, project: dict[str, Any]) -> None:
    """If old content cannot be removed, this is logged, and the load succeeds."""
    write_files(piles=PILES)
    load = ("load", write_with_attachments(project, "piles.pdf"), "--files", "papers")
    erp(*load)
    Path("erp.db.files/checked").unlink()
    Path("erp.db.files/checked").mkdir()
    run = erp(*load, "--log-level", "warning")
    assert 0 == run.status
    assert "Content of attachments could not be removed." in run.err


def test_file_reaches_the_ledger_by_command_alone(erp: Erp, project: dict[str, Any]) -> None:
    """Load with files, send, accept, work: the document is linked, and ``show`` says so."""
    write_files(piles=PILES)
    bent = requisition(project, "5001")
    bent["attachments"] = [
        {"id": "1", "filename": "piles.pdf"},
        {"id": "2", "filename": "missing.pdf"},
    ]
    run = erp("load", write_document(project), "--files", "papers", "--json")
    assert ["attachment.missing"] == [
        each["code"]
        for each in run.document["warnings"]
        if each["path"].startswith("requisitions[1].") or "missing.pdf" in each["message"]
    ]
    shutil.rmtree("papers")
    sent = erp("send", "5001", "--as", "pm", "--json").document["results"][0]
    assert [("attachments.not_sent", "missing.pdf")] == [
        (note["code"], note["facts"]["names"])
        for note in sent["notices"]
        if note["code"].startswith("attachments.")
    ]
    assert 0 == erp("accept", "5001", "--as", "ap").status
    assert ["accepted", "accepted"] == states(erp)
    assert 0 == erp("work", "--until-idle").status
    assert ["in_erp", "here"] == states(erp)
    (kept,) = Path("erp.beancount.files").iterdir()
    assert PILES == kept.read_bytes()
    assert f'"erp.beancount.files/{kept.name}"' in Path("erp.beancount").read_text("utf-8")


def states(erp: Erp) -> list[str]:
    """Return the state of each attachment of invoice 5001."""
    shown = erp("show", "5001", "--json").document["attachments"]
    return [file["state"] for file in shown]


def test_content_that_is_lost_after_the_acceptance_puts_the_export_off(
    erp: Erp, project: dict[str, Any]
) -> None:
    """Nothing is booked without its file; the reason names it, and once it is back all is sent."""
    write_files(piles=PILES)
    requisition(project, "5001")["attachments"] = [{"id": "1", "filename": "piles.pdf"}]
    erp("load", write_document(project), "--files", "papers")
    erp("send", "5001", "--as", "pm")
    erp("accept", "5001", "--as", "ap")
    KEPT.unlink()
    run = erp("work")
    assert (1, True) == (run.status, "attachment 1 (piles.pdf)" in run.out)
    assert not Path("erp.beancount").exists()
