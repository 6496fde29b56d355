"""The grammar: options before or after the verb, required options, and bad usage."""

from __future__ import annotations

import itertools
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.cli.app import VERBS

if TYPE_CHECKING:
    from tests.cli.command_run import Erp

WITH_PERSON = (
    ("why-not", "5001"),
    ("send", "5001"),
    ("resend", "5001"),
    ("retrieve", "5001"),
    ("accept", "5001"),
    ("reject", "5001"),
    ("retry", "5001"),
    ("withdraw", "5001"),
    ("rule", "5001", "--absent"),
    ("unlink", "5001"),
)
WITHOUT_PERSON = (
    ("load", "given.json"),
    ("list",),
    ("show", "5001"),
    ("summary", "5001"),
    ("people",),
    ("history", "5001"),
    ("work",),
    ("verify",),
    ("adapters",),
)


def test_every_verb_of_the_contract_is_there() -> None:
    """The verbs are those of the contract, in the order in which they are used."""
    expected = (
        "load list show summary people why-not send resend retrieve accept reject retry withdraw"
        " rule unlink work reconcile history verify restored moved adapters mappings demo"
    )
    assert expected.split() == list(VERBS)


@pytest.mark.parametrize("places", list(itertools.product([True, False], repeat=3)))
def test_options_stand_before_or_after_the_verb(loaded: Erp, places: tuple[bool, ...]) -> None:
    """Database, person and output format count in both places."""
    options = (("--db", "erp.db"), ("--as", "pm"), ("--json",))
    before = [
        word for option, first in zip(options, places, strict=True) if first for word in option
    ]
    after = [
        word for option, first in zip(options, places, strict=True) if not first for word in option
    ]
    run = loaded(*before, "why-not", "5001", *after)
    assert (0, True) == (run.status, run.results["5001"]["allowed"])


@pytest.mark.parametrize("option", [("--to", "nowhere"), ("--expect", "7"), ("--lease", "0")])
def test_the_other_options_stand_before_the_verb_too(loaded: Erp, option: tuple[str, str]) -> None:
    """Connection, version and lease count before the verb as after it."""
    verb = ("work",) if option[0] == "--lease" else ("send", "5001", "--as", "pm")
    before, after = loaded(*option, *verb, "--json"), loaded(*verb, *option, "--json")
    assert before.status == after.status != 0
    assert before.codes == after.codes


def test_a_version_of_zero_counts(loaded: Erp) -> None:
    """Version 0, that of an invoice never sent, can be expected."""
    assert 0 == loaded("send", "5001", "--as", "pm", "--expect", "0").status
    run = loaded("retrieve", "5001", "--as", "pm", "--expect", "0", "--json")
    assert (1, ["entry.changed"]) == (run.status, run.codes)


def test_an_option_after_the_verb_wins(loaded: Erp) -> None:
    """If an option is given twice, the last one counts."""
    assert 0 == loaded("--as", "guest", "send", "5001", "--as", "pm").status


@pytest.mark.parametrize("verb", WITH_PERSON, ids=lambda verb: verb[0])
def test_the_person_is_required(loaded: Erp, verb: tuple[str, ...]) -> None:
    """A verb that answers with denials needs a person."""
    run = loaded(*verb, "--json")
    assert (2, ["usage.missing"]) == (run.status, run.codes)


@pytest.mark.parametrize("verb", WITHOUT_PERSON, ids=lambda verb: verb[0])
def test_reading_verbs_ignore_the_person(loaded: Erp, verb: tuple[str, ...]) -> None:
    """The other verbs ignore the person, even an unknown one."""
    assert 0 == loaded(*verb, "--as", "nobody").status


@pytest.mark.parametrize("verb", WITH_PERSON, ids=lambda verb: verb[0])
def test_an_unknown_person(loaded: Erp, verb: tuple[str, ...]) -> None:
    """A person who was not loaded is bad usage."""
    run = loaded(*verb, "--as", "nobody", "--json")
    assert (2, ["person.unknown"]) == (run.status, run.codes)


@pytest.mark.parametrize("verb", [*WITH_PERSON, ("show", ""), ("summary", ""), ("history", "")])
def test_an_unknown_invoice(loaded: Erp, verb: tuple[str, ...]) -> None:
    """An invoice that was not loaded is bad usage, for every verb."""
    arguments = (verb[0], "no-such-invoice", *verb[2:])
    run = loaded(*arguments, "--as", "pm", "--json")
    assert (2, ["invoice.unknown"]) == (run.status, run.codes)


def test_an_unknown_invoice_among_known_ones(loaded: Erp) -> None:
    """With one unknown invoice among several, nothing is done to the others."""
    run = loaded("send", "5001", "gone-1", "5004", "gone-2", "--as", "pm", "--json")
    assert 2 == run.status
    assert ["ids[1]", "ids[3]"] == [problem["path"] for problem in run.document["problems"]]
    assert "not_sent" == loaded("show", "5001", "--json").document["status"]


def test_a_misspelt_verb(loaded: Erp) -> None:
    """The message suggests the correct verb, with one question mark."""
    run = loaded("lst")
    assert 2 == run.status
    assert "Did you mean 'list'? See erp-invoice --help." in run.err


def test_an_unknown_connection(loaded: Erp) -> None:
    """A connection that is not there is bad usage."""
    run = loaded("send", "5001", "--as", "pm", "--to", "nowhere", "--json")
    assert (2, ["connection.unknown"]) == (run.status, run.codes)


def test_one_version_of_several_invoices(loaded: Erp) -> None:
    """One version cannot be that of several invoices."""
    run = loaded("send", "5001", "5004", "--as", "pm", "--expect", "0", "--json")
    assert (2, ["usage.invalid"]) == (run.status, run.codes)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("plan", "5001"),
        ("send",),
        ("send", "5001", "--frob"),
        ("send", "5001", "--expect", "one"),
        ("send", "5001", "--expect", "-1"),
        ("why-not", "5001", "--as", "pm", "--action", "frob"),
        ("why-not", "5001", "--as", "pm", "--action", "edit_attachments"),
        ("accept", "5001", "--as", "ap", "--field", "accounting_date"),
        ("accept", "5001", "--as", "ap", "--field", "=x"),
        ("accept", "5001", "--as", "ap", "--field", "a=1", "--field", "a=2"),
        ("work", "--limit", "0"),
        ("work", "--limit", "1", "--until-idle"),
        ("work", "--lease", "0"),
        ("work", "--lease", "nan"),
        ("work", "--lease", "1e9"),
        ("rule", "5001", "--as", "controller"),
        ("rule", "5001", "--as", "controller", "--absent", "--synced", "B-1"),
        ("rule", "5001", "more", "--as", "controller", "--absent"),
        ("rule", "5001", "--as", "controller", "--happened", "bill"),
        ("rule", "5001", "--as", "controller", "--happened", "a=1", "--step-absent", "a"),
        ("rule", "5001", "--as", "controller", "--synced", "B-1", "--synced", "B-2"),
        ("rule", "5001", "--as", "controller", "--synced", "bill=B-1", "--synced", "bill=B-2"),
    ],
    ids=" ".join,
)
def test_bad_usage(loaded: Erp, arguments: tuple[str, ...]) -> None:
    """Bad usage is one problem on standard output with ``--json``, a sentence on error without."""
    as_json, plain = loaded(*arguments, "--json"), loaded(*arguments)
    assert (2, ["usage.invalid"], "") == (as_json.status, as_json.codes, as_json.err)
    assert (2, "") == (plain.status, plain.out)
    assert plain.err.rstrip().endswith((".", "?"))
    assert {"path", "code", "message", "facts"} == set(as_json.document["problems"][0])


def test_help_is_no_fault(erp: Erp) -> None:
    """Help is printed for the command and for each verb."""
    for arguments in ((), *((verb,) for verb in VERBS)):
        run = erp(*arguments, "--help")
        assert (0, "") == (run.status, run.err)
        assert "--settings" in run.out


def test_the_version_is_printed(erp: Erp) -> None:
    """It is the version of the installed package; no verb is run."""
    printed = f"erp-invoice {version('erp-invoice-core')}\n"
    for arguments in (("--version",), ("--version", "--json"), ("--version", "list")):
        run = erp(*arguments)
        assert (0, printed, "") == (run.status, run.out, run.err)


@pytest.mark.parametrize("verb", [("list",), ("show", "5001"), ("work",), ("verify",)])
def test_a_database_that_is_not_there(erp: Erp, verb: tuple[str, ...]) -> None:
    """Only ``load`` makes a database; any other verb says to load first, and makes none."""
    run = erp(*verb, "--json")
    assert (2, ["database.missing"]) == (run.status, run.codes)
    assert [] == list(Path().iterdir())


@pytest.mark.parametrize("name", ["", ".", "/", "a\0b"])
def test_what_cannot_be_a_file(loaded: Erp, name: str) -> None:
    """An impossible file name is bad usage."""
    for verb in (("list",), ("load", "given.json")):
        run = loaded(*verb, "--db", name, "--json")
        assert (2, ["usage.invalid"]) == (run.status, run.codes)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://app:hunter2@127.0.0.1:1/app",
        "Postgresql://app:hunter2@127.0.0.1:1/app",
        "POSTGRES://app:hunter2@127.0.0.1:1/app",
        " postgresql://app:hunter2@127.0.0.1:1/app",
        "postgresql:app:hunter2@127.0.0.1",
        "mysql://app:hunter2@127.0.0.1/app",
        "sqlite:///hunter2.db",
        "host=127.0.0.1 password=hunter2",
    ],
)
def test_an_address_of_another_form_is_not_shown(
    loaded: Erp, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A text like a URL may have a password: it is refused, and is in no output and no log."""
    before = sorted(Path().iterdir())
    for verb in (["list"], ["verify"], ["load", "given.json"], ["adapters"]):
        run = loaded(*verb, "--db", url, "--log-level", "debug")
        assert (2, "") == (run.status, run.out)
        assert run.err == (
            "--db: This text is neither the name of a file nor the URL of a PostgreSQL server. "
            "Name a file, or write postgresql://USER@HOST/NAME.\n"
        )
        assert "hunter2" not in caplog.text
    assert before == sorted(Path().iterdir())


def test_a_folder_is_no_database(loaded: Erp) -> None:
    """A folder is refused by name, without a record of the log and without a lock file."""
    Path("examples").mkdir()
    before = sorted(Path().iterdir())
    for verb in (["list"], ["load", "given.json"]):
        run = loaded(*verb, "--db", "examples")
        assert (2, "--db: examples is a folder. Name a file.\n") == (run.status, run.err)
    assert before == sorted(Path().iterdir())


def test_an_empty_file_name(erp: Erp) -> None:
    """An empty name of a file is bad usage, also after its kind."""
    for argument in ("", "invoices="):
        run = erp("load", argument)
        assert 2 == run.status
    assert "FILE: The name of the file is empty. Name a file, or - for standard input.\n" == (
        erp("load", "").err
    )


def test_a_blank_id(loaded: Erp) -> None:
    """A blank id is said to be blank, and not to be unknown."""
    for blank in ("", " "):
        run = loaded("send", blank, "--as", "pm")
        assert (2, "ids[0]: The invoice id is blank. Correct the id.\n") == (run.status, run.err)


def test_json_after_two_dashes_is_an_id(loaded: Erp) -> None:
    """After two dashes every argument is an id, even if it looks like an option."""
    run = loaded("show", "--", "--json")
    assert (2, "") == (run.status, run.out)


def test_a_database_in_a_folder_that_is_not_there(loaded: Erp) -> None:
    """A database cannot be made in a missing folder."""
    run = loaded("load", "given.json", "--db", "no/such/erp.db", "--json")
    assert (2, 1) == (run.status, len(run.codes))


def test_a_file_that_is_no_database(erp: Erp) -> None:
    """A file of another format is bad input, and is unchanged."""
    Path("erp.db").write_text("no database " * 1000, encoding="utf-8")
    run = erp("list", "--json")
    assert (2, 1) == (run.status, len(run.codes))
    assert Path("erp.db").read_text(encoding="utf-8").startswith("no database")
