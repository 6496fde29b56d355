"""The settings file and the environment: policies, connections, every problem."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.adapters import Adapters, MappingKind, beancount
from erp_invoice_core.cli.connections import read_connections
from erp_invoice_core.cli.output import BadInput
from erp_invoice_core.cli.settings import read_settings
from erp_invoice_core.rules import Policy, Reaction

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


#: A settings file with every setting of the policy.
_EVERY_POLICY = (
    "[policy]\nseparation_of_duties = true\ndirect_export = false\nreason_required = false\n"
    "over_billing = false\nattachments_after_sync = false\nread_back = true\n"
    "previous_may_differ = true\nrenumber = true\n"
    'free_erp_statuses = ["idle"]\nrefused_commitment_statuses = ["Void", "Closed"]\n'
    'summary_difference = "notice"\nover_release = "deny"\n'
    "earliest_billing_date = 2020-01-01\nbilling_date_years = 1\n"
)


def problems(text: str) -> list[tuple[str, str]]:
    """Return path and code of each problem of a settings file."""
    Path("erp.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_settings(Path("erp.toml"))
    return [(problem.path, problem.code) for problem in refused.value.problems]


def test_without_a_file() -> None:
    """Without a file the defaults apply."""
    assert Policy() == read_settings(None).policy


def test_every_policy_is_set_in_the_example() -> None:
    """The file of the next test has each setting of a policy but the rows of a host."""
    names = {field.name for field in attrs.fields(Policy) if field.init} - {"grants"}

    assert names == set(tomllib.loads(_EVERY_POLICY)["policy"])


def test_every_policy() -> None:
    """Each policy can be set."""
    Path("erp.toml").write_text(_EVERY_POLICY, encoding="utf-8")
    expected = Policy(
        separation_of_duties=True,
        reason_required=False,
        over_billing=False,
        attachments_after_sync=False,
        read_back=True,
        previous_may_differ=True,
        renumber=True,
        free_erp_statuses={"idle"},
        refused_commitment_statuses={"Void", "Closed"},
        summary_difference=Reaction.NOTICE,
        over_release=Reaction.DENY,
        earliest_billing_date=date(2020, 1, 1),
        billing_date_years=1,
    )
    assert expected == read_settings(Path("erp.toml")).policy


def test_every_problem_is_reported() -> None:
    """Unknown names and wrong types are reported together."""
    expected = [
        ("polcy", "settings.unknown"),
        ("policy.direct_exprt", "settings.unknown"),
        ("policy.over_billing", "settings.type"),
        ("connections.imported", "settings.reserved"),
        ("connections.books", "settings.type"),
        ("connections.ledger.adapter", "settings.type"),
    ]
    text = (
        "polcy = 1\n[policy]\ndirect_exprt = true\nover_billing = 'no'\n"
        "[connections]\nbooks = 1\n[connections.imported]\n[connections.ledger]\nadapter = 1\n"
    )
    assert sorted(expected) == sorted(problems(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("policy = 1", ("policy", "settings.type")),
        ("connections = 1", ("connections", "settings.type")),
        ("[policy", ("--settings", "settings.not_toml")),
        (
            "[policy]\nseparation_of_duties = true\ndirect_export = true",
            ("policy", "settings.conflict"),
        ),
        ("[policy]\nsummary_difference = true", ("policy.summary_difference", "settings.type")),
        ("[policy]\nover_release = 'maybe'", ("policy.over_release", "settings.type")),
        ("[policy]\nover_release = ['deny']", ("policy.over_release", "settings.type")),
        ("[policy]\nfree_erp_statuses = 'idle'", ("policy.free_erp_statuses", "settings.type")),
        ("[policy]\nfree_erp_statuses = [1]", ("policy.free_erp_statuses", "settings.type")),
        (
            "[policy]\nearliest_billing_date = '2000-01-01'",
            ("policy.earliest_billing_date", "settings.type"),
        ),
        ("[policy]\nbilling_date_years = -1", ("policy.billing_date_years", "settings.type")),
        ("[policy]\nbilling_date_years = 101", ("policy.billing_date_years", "settings.type")),
        ("[policy]\nbilling_date_years = true", ("policy.billing_date_years", "settings.type")),
        ("# " + "x" * 1024 * 1024, ("--settings", "settings.too_large")),
    ],
)
def test_a_wrong_file(text: str, expected: tuple[str, str]) -> None:
    """A file with impossible values is refused with its problem."""
    assert [expected] == problems(text)


def test_a_problem_names_the_value_and_what_is_allowed() -> None:
    """Each sentence names a number or a date, what is allowed, and the names that exist."""
    Path("erp.toml").write_text(
        "polcy = 1\n[policy]\nover_billing = 7\nover_release = 'maybe'\nbilling_date_years = 101\n"
        "earliest_billing_date = 2000-01-01T08:00:00\ngrants = 1\nfree_erp_statuses = 'idle'\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as refused:
        read_settings(Path("erp.toml"))
    assert {
        "policy.over_billing": "The value is 7. Write true or false.",
        "policy.over_release": 'The value is "maybe". Write "deny" or "notice".',
        "policy.billing_date_years": "The value is 101. Write a whole number from 0 to 100.",
        "policy.earliest_billing_date": "The value is 2000-01-01 08:00:00."
        " Write a date without quotes, as 2000-01-31.",
        "policy.free_erp_statuses": 'The value is not an array of texts. Write one, as ["Void"].',
        "policy.grants": "There is no setting of this name. Remove it; the settings here are:"
        " separation_of_duties, direct_export, reason_required, over_billing,"
        " attachments_after_sync, read_back, previous_may_differ, renumber,"
        " free_erp_statuses, refused_commitment_statuses, summary_difference, over_release, earliest_billing_date,"
        " billing_date_years.",
        "polcy": "There is no setting of this name. Did you mean policy? The settings here are:"
        " policy, connections, files_dir.",
    } == {problem.path: problem.message for problem in refused.value.problems}


def test_a_file_that_is_not_there(loaded: Erp) -> None:
    """A settings file that cannot be read is bad usage."""
    run = loaded("list", "--settings", "no.toml", "--json")
    assert (2, ["settings.unreadable"]) == (run.status, run.codes)


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        (
            '[connections.books]\nadapter = "no_such"',
            "connections.books.adapter",
            "adapter.unknown",
        ),
        ("[connections.books]", "connections.books.adapter", "adapter.unknown"),
        (
            '[connections.books]\nadapter = "beancount"',
            "connections.books.path",
            "setting.required",
        ),
        (
            '[connections.beancount]\npath = "a"\ncolour = "red"',
            "connections.beancount.colour",
            "setting.unknown",
        ),
        ("[connections.beancount]\npath = 1", "connections.beancount.path", "setting.kind"),
    ],
)
def test_a_wrong_connection(loaded: Erp, text: str, path: str, code: str) -> None:
    """An impossible connection is bad input, with the path of the wrong value."""
    Path("erp.toml").write_text(text, encoding="utf-8")
    run = loaded("list", "--settings", "erp.toml", "--json")
    found = [(problem["path"], problem["code"]) for problem in run.document["problems"]]
    assert (2, [(path, code)]) == (run.status, found)


def export(erp: Erp, *settings: str) -> None:
    """Export 5001 into the ledger."""
    assert 0 == erp("send", "5001", "--as", "pm", *settings).status
    assert 0 == erp("accept", "5001", "--as", "ap", *settings).status
    assert 0 == erp("work", *settings).status


def test_the_ledger_lies_beside_the_database(loaded: Erp) -> None:
    """By default the ledger has the database's name."""
    Path("sub").mkdir()
    assert 0 == loaded("load", "given.json", "--db", "sub/books.db").status
    export(loaded, "--db", "sub/books.db")
    assert (True, False) == (Path("sub/books.beancount").exists(), Path("erp.beancount").exists())


def test_a_database_that_is_named_like_a_ledger(loaded: Erp) -> None:
    """The ledger is never the database's own file."""
    assert 0 == loaded("load", "given.json", "--db", "books.beancount").status
    export(loaded, "--db", "books.beancount")
    assert Path("books.beancount.beancount").read_text(encoding="utf-8").count("begin 5001-") == 1


def test_the_environment_wins(loaded: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the environment wins over the file's."""
    Path("erp.toml").write_text(
        '[connections.beancount]\npath = "file.beancount"\n', encoding="utf-8"
    )
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "environment.beancount")
    export(loaded, "--settings", "erp.toml")
    assert (True, False) == (
        Path("environment.beancount").exists(),
        Path("file.beancount").exists(),
    )


def test_the_file_wins_over_the_default(loaded: Erp) -> None:
    """A setting of the file wins over the default."""
    Path("erp.toml").write_text(
        '[connections.beancount]\npath = "file.beancount"\n', encoding="utf-8"
    )
    export(loaded, "--settings", "erp.toml")
    assert Path("file.beancount").exists()


def test_problems_of_connections_are_reported_with_those_of_the_policy() -> None:
    """A wrong policy does not hide what is wrong with a connection, of a table of any form."""
    Path("erp.toml").write_text(
        "[policy]\nover_biling = true\n[connections.books]\nadapter = 'beancount'\npth = 'x'\n"
        "[connections.imported]\n[connections.ledger]\nadapter = 1\n[connections.beancount]\n"
        "path = 'a.beancount'\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as refused:
        read_connections(Path("erp.toml"), Adapters(beancount), None, {})
    assert sorted(
        [
            "policy.over_biling",
            "connections.imported",
            "connections.ledger.adapter",
            "connections.books.pth",
            "connections.books.path",
        ]
    ) == sorted(problem.path for problem in refused.value.problems)


@pytest.mark.parametrize(
    "connections", ["", "connections = 1", "[connections.books]\npath = 'x'\nadapter = 'beancount'"]
)
def test_wrong_policy_is_reported_alone(connections: str) -> None:
    """Without a wrong connection there are the problems of the policy and of the table."""
    Path("erp.toml").write_text(f"{connections}\n[policy]\nover_biling = true\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_connections(Path("erp.toml"), Adapters(beancount), None, {})
    assert "policy.over_biling" in {problem.path for problem in refused.value.problems}


def test_a_mapping_file_is_beside_the_settings() -> None:
    """A relative path is that of the directory of the settings file; wrong rows are named."""
    folder = Path("office")
    folder.mkdir()
    settings = folder / "erp.toml"
    settings.write_text('[connections.beancount]\nmappings = "ids.csv"\n', encoding="utf-8")
    table = folder / "ids.csv"
    table.write_text("kind,code,erp_id\ntax_code,GST,G5\n", encoding="utf-8")

    _, connections = read_connections(settings, Adapters(beancount), Path("erp.db"), {})

    mappings = connections.resolve("beancount")[1].mappings
    assert mappings is not None
    assert {"GST": "G5"} == mappings(MappingKind.TAX_CODE, ("GST", "PST"))

    table.write_text("kind,code,erp_id\ntax_code,GST,\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_connections(settings, Adapters(beancount), Path("erp.db"), {})
    assert [
        (
            "connections.beancount.mappings, row 2",
            "The erp_id is blank. Write one, or remove the row.",
        )
    ] == [(each.path, each.message) for each in refused.value.problems]
    settings.write_text("[connections.beancount]\nmappings = 5\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_connections(settings, Adapters(beancount), Path("erp.db"), {})
    assert ["The value is not a path. Write that of a CSV file in quotes."] == [
        each.message for each in refused.value.problems
    ]
