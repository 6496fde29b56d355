"""Raw answers and a file with people are loaded and exported by the command alone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.command_run import Erp

FOLDER = Path(__file__).parents[2] / "examples" / "procore-answers"


@pytest.fixture
def files() -> list[str]:
    """Return the files of the folder in the order of their names."""
    return [str(path) for path in sorted(FOLDER.iterdir())]


def test_raw_answers_go_to_the_ledger(erp: Erp, files: list[str]) -> None:
    """Load, why-not, send, accept, work, summary."""
    run = erp("load", *files, "--json")
    assert (0, []) == (run.status, run.document["warnings"])
    assert [1, 2, 2, 2, 3] == list(run.document["loaded"].values())
    dues = {each["id"]: each["due"] for each in erp("list", "--json").document["entries"]}
    assert {"5000": "18900.00", "5001": "10800.00", "5002": "13500.00"} == dues
    run = erp("why-not", "5000", "5001", "5002", "--as", "pm", "--json")
    assert (1, ["invoice.not_sendable"]) == (run.status, run.codes)
    assert 0 == erp("send", "5000", "5001", "--as", "pm").status
    assert 0 == erp("accept", "5000", "5001", "--as", "ap").status
    assert 0 == erp("work", "--until-idle").status
    statuses = {each["id"]: each["status"] for each in erp("list", "--json").document["entries"]}
    assert {"5000": "synced", "5001": "synced", "5002": "not_sent"} == statuses
    summary = erp("summary", "5000", "--json").document
    assert ("18900.00", "38.18") == (summary["current_payment_due"], summary["percent_complete"])
    ledger = Path("erp.beancount").read_text("utf-8")
    assert "Expenses:JOB-9:05-120  21000.00 USD" in ledger
    assert "Expenses:JOB-9:26-050  12000.00 USD" in ledger


def test_the_answers_may_be_loaded_again_after_the_export(erp: Erp, files: list[str]) -> None:
    """Our own export, and the payment, are recorded from the answers and refuse nothing."""
    erp("load", *files)
    erp("send", "5000", "--as", "pm")
    erp("accept", "5000", "--as", "ap")
    erp("work", "--until-idle")
    page = json.loads((FOLDER / "requisitions-page-1.json").read_text("utf-8"))
    page[0] |= {"erp_status": "synced", "origin_id": "B-5000", "payment_date": "2026-11-20"}
    Path("page.json").write_text(json.dumps(page), encoding="utf-8")
    run = erp("load", "page.json", "--json")
    assert (0, 1, []) == (
        run.status,
        run.document["loaded"]["requisitions"],
        run.document["results"],
    )
    assert "synced" == erp("show", "5000", "--json").document["status"]


def test_the_page_of_people_has_twenty_lines_at_most() -> None:
    """Few lines have to be written by hand."""
    assert 20 >= len((FOLDER / "harbor.json").read_text("utf-8").splitlines())


def read_stored() -> list[tuple[str, str, str]]:
    """Return every document of the database, nothing if there is no database."""
    if not Path("erp.db").exists():
        return []
    with closing(sqlite3.connect("erp.db")) as database:
        rows: list[tuple[str, str, str]] = database.execute(
            "SELECT kind, id, digest FROM erp_records ORDER BY kind, id"
        ).fetchall()
    return rows


def bend(value: Any, chance: Random) -> None:  # noqa: ANN401 - any JSON
    """Replace or remove one value of an answer, in place."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        inner = value[key]
        if isinstance(inner, (dict, list)) and inner and chance.random() < 0.9:
            value = inner
            continue
        strange: Any = chance.choice(
            [None, "", "x", -1, [], {}, [[]], {"id": 7}, 10**30, "2026-02-30"]
        )
        if chance.random() < 0.3:
            del value[key]
        else:
            value[key] = strange
        return


def test_no_bent_answer_is_loaded_in_part(erp: Erp, files: list[str]) -> None:
    """Either the load is refused and nothing of any file is stored, or all of it is."""
    refused = 0
    for seed in range(40):
        chance = Random(seed)
        Path("bent").mkdir(exist_ok=True)
        bent = chance.choice(files)
        answer = json.loads(Path(bent).read_text("utf-8"))
        for _ in range(chance.randint(1, 3)):
            bend(answer, chance)
        Path("bent", "answer.json").write_text(json.dumps(answer), encoding="utf-8")
        before = read_stored()
        run = erp("load", *(each for each in files if each != bent), "bent/answer.json", "--json")
        assert "Traceback" not in run.err
        assert run.status in {0, 2}
        if run.status == 2:
            refused += 1
            assert before == read_stored()
            assert all(each["message"].endswith(".") for each in run.document["problems"])
    assert 5 < refused < 40
