"""The verb ``mappings check`` lists the codes that have no id in the ERP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cli.command_run import write_document

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


def _load(erp: Erp, project: dict[str, Any]) -> None:
    """Load the project with a vendor and a project that have no id in the ERP."""
    project["vendors"][0]["origin_id"] = None
    project["projects"][0]["origin_id"] = None
    assert 0 == erp("load", write_document(project)).status


def _write(rows: str, name: str = "ids.csv") -> str:
    Path(name).write_text(f"kind,code,erp_id\n{rows}", encoding="utf-8")
    return name


def test_codes_without_an_id_are_listed(erp: Erp, project: dict[str, Any]) -> None:
    """With the name of the record and its invoices; vendor 12 of the project has no id either."""
    _load(erp, project)
    vendor, job = project["vendors"][0], project["projects"][0]

    run = erp("mappings", "check", "--json")

    assert 1 == run.status
    missing = {(each["kind"], each["code"]): each for each in run.document["missing"]}
    assert {("vendor", vendor["id"]), ("vendor", "12"), ("job", job["id"])} == set(missing)
    assert (vendor["name"], job["name"]) == (
        missing["vendor", vendor["id"]]["name"],
        missing["job", job["id"]]["name"],
    )
    assert missing["vendor", vendor["id"]]["invoices"]
    assert ("beancount", 3) == (run.document["connection"], run.document["needed"])
    out = erp("mappings", "check").out
    assert "beancount: codes that need an id: 3; without one: 3." in out
    assert vendor["name"] in out


def test_files_have_the_ids(erp: Erp, project: dict[str, Any]) -> None:
    """Several files are one table, and a kind that they cover is needed whole."""
    _load(erp, project)
    vendor, job = project["vendors"][0]["id"], project["projects"][0]["id"]
    first = _write(f"vendor,{vendor},V-1\nvendor,12,V-2\n", "vendors.csv")
    second = _write(f"job,{job},J-1\n", "jobs.csv")

    assert 1 == erp("mappings", "check", first).status
    run = erp("mappings", "check", first, second)
    assert (0, "beancount: codes that need an id: 3; without one: 0.\n") == (run.status, run.out)
    third = _write("cost_type,NONE,X\n", "types.csv")
    run = erp("mappings", "check", first, second, third, "--json")
    assert {"cost_type"} == {each["kind"] for each in run.document["missing"]}


def test_the_files_of_the_connection_are_the_usual_ones(erp: Erp, project: dict[str, Any]) -> None:
    """The settings name them; sending then needs no id of the record."""
    _load(erp, project)
    vendor, job = project["vendors"][0]["id"], project["projects"][0]["id"]
    _write(f"vendor,{vendor},V-1\nvendor,12,V-2\njob,{job},J-1\n")
    Path("erp.toml").write_text('[connections.beancount]\nmappings = "ids.csv"\n', encoding="utf-8")

    assert 0 == erp("mappings", "check", "--settings", "erp.toml").status
    ids = [each["id"] for each in project["requisitions"] if each["project_id"] == job]
    bare = erp("why-not", ids[0], "--as", "pm", "--json")
    assert {"vendor.not_synced", "job.not_synced"} & set(bare.codes)
    mapped = erp("why-not", ids[0], "--as", "pm", "--settings", "erp.toml", "--json")
    assert not {"vendor.not_synced", "job.not_synced"} & set(mapped.codes)


def test_wrong_files_are_named(erp: Erp, project: dict[str, Any]) -> None:
    """All of them, and a code that two of them have."""
    _load(erp, project)
    first = _write("vendor,7,V-1\n", "one.csv")
    second = _write("vendor,7,V-2\n", "two.csv")
    run = erp("mappings", "check", first, second, "none.csv", "--json")
    assert (2, ["mapping.invalid", "mapping.invalid"]) == (run.status, run.codes)
    assert [
        "The mapping file none.csv cannot be read: No such file or directory. Name another one.",
        "The vendor '7' is in one.csv already. Write it once.",
    ] == sorted(each["message"] for each in run.document["problems"])


def test_other_words_are_refused(erp: Erp, project: dict[str, Any]) -> None:
    """The only act is check, and the connection exists."""
    _load(erp, project)
    assert (2, ["usage.invalid"]) == (
        (run := erp("mappings", "list", "--json")).status,
        run.codes,
    )
    assert ["connection.unknown"] == erp(
        "mappings", "check", "--connection", "books", "--json"
    ).codes
