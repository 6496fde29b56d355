"""Another invoice number for the ERP is given at ACCEPT, where policy and ERP allow one."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from erp_invoice_core import Action, Policy, StoreBusy
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import NumberUse
from erp_invoice_core.flow import build_request, find_slot
from erp_invoice_core.rules import decide
from tests.spec.allowed_cases import build_allowed_case
from tests.worker.harness import APPROVER, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp, build_contents, build_declaration, build_receipt

FIELD = erp.ExportField(key="erp_invoice_number", label="Number in the ERP")
BILL = erp.Step("bill", "bill", erp.Role.BILL)
NO = erp.Refused(erp.deny(erp.Denial("scripted.no", "No.", erp.Source.ERP)))


def _build(
    *, renumber: bool = True, takes: bool = True, rules: tuple[erp.FieldRule, ...] = ()
) -> tuple[WorkerHarness, ScriptedErp]:
    """Return a harness of a company and an ERP that allow another number, with two invoices."""
    declared = build_declaration(extra_fields=(FIELD,) if takes else (), field_rules=rules)
    plugin = ScriptedErp(declared, BILL)
    harness = WorkerHarness(plugin=plugin, policy=Policy(renumber=renumber))
    harness.send("5000", "5001")
    return harness, plugin


def _request(harness: WorkerHarness, id_: str = "5000") -> erp.ExportRequest:
    declared = harness.queue.connections.find_declaration("erp")
    assert declared is not None
    return build_request(harness.get_entry(id_), declared, harness.clock())


def _codes(results: Any) -> list[str]:  # noqa: ANN401 - the results of a verb
    return [denial.code for each in results for denial in each.verdict.denials]


def test_the_erp_gets_the_number_as_it_was_typed() -> None:
    """The invoice keeps its own, and so does the document."""
    harness, _ = _build()
    check_allowed(harness.queue.accept(["5000"], APPROVER, number="acme 5000-R"))

    request = _request(harness)
    assert ("acme 5000-R", "ACME-5000") == (request.number, request.document.invoice_number)
    assert "acme 5000-R" == request.fields["erp_invoice_number"]
    assert "acme 5000-R" == harness.get_entry().number
    assert {"field.erp_invoice_number": "acme 5000-R"} == dict(
        harness.queue.history("5000")[-1].facts
    )


@pytest.mark.parametrize(
    ("renumber", "takes", "code"),
    [(False, True, "number.not_allowed"), (True, False, "number.unsupported")],
)
def test_policy_and_erp_have_to_allow_it(renumber: bool, takes: bool, code: str) -> None:
    """An invoice without another number is accepted all the same."""
    harness, _ = _build(renumber=renumber, takes=takes)
    assert [code] == _codes(harness.queue.accept(["5000"], APPROVER, number="R-1"))
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    assert "ACME-5000" == _request(harness).number


def test_a_field_alone_is_no_number() -> None:
    """An ERP may have used the field for an id of its own before."""
    harness, _ = _build(renumber=False)
    check_allowed(harness.queue.accept(["5000"], APPROVER, fields={"erp_invoice_number": "R-1"}))
    assert "ACME-5000" == _request(harness).number


def test_the_number_slot_is_asked_again() -> None:
    """A number that another entry holds in the ERP denies, with the number that was typed."""
    harness, plugin = _build()
    plugin.script("write", erp.Done(build_receipt()))
    check_allowed(harness.queue.accept(["5000"], APPROVER, number="R-1"))
    harness.worker.run_once()
    assert "synced" == harness.get_status().value

    (refused,) = harness.queue.accept(["5001"], APPROVER, number="R-1")
    (denial,) = refused.verdict.denials
    assert ("invoice.number_taken", "R-1") == (denial.code, denial.facts["number"])
    asked = harness.queue.why_not(["5001"], APPROVER, Action.ACCEPT, erp_number="R-1")
    assert ["invoice.number_taken"] == _codes(asked)
    check_allowed(harness.queue.accept(["5001"], APPROVER))


@pytest.mark.parametrize(
    ("action", "code"), [(Action.ACCEPT, "number.give"), (Action.RETRY, "number.give_again")]
)
def test_another_number_is_offered_for_a_taken_one(action: Action, code: str) -> None:
    """Where policy and ERP allow one, beside the rejection."""
    case = attrs.evolve(build_allowed_case(action), slot_is_free=False)
    assert case.erp is not None
    takes = attrs.evolve(case.erp, extra_fields=(FIELD,))
    allows = Policy(renumber=True)
    for erp_, policy, is_offered in (
        (takes, allows, True),
        (takes, Policy(), False),
        (case.erp, allows, False),
    ):
        (denial,) = decide(action, attrs.evolve(case, erp=erp_, policy=policy)).denials
        assert "invoice.number_taken" == denial.code
        first = denial.remedies[0][0].code
        assert (code if is_offered else "action.reject") == first
        assert is_offered is ("Give another number for Ledgerly" in denial.message)


def test_typed_number_is_compared_with_the_numbers_of_the_vendor() -> None:
    """The host finds those that look like it; the invoice itself and other numbers are left out."""
    harness, _ = _build()
    asked: list[tuple[str, str]] = []

    def find_numbers(vendor_id: str, number: str) -> list[NumberUse]:
        asked.append((vendor_id, number))
        rows = {"6000": "R1", "6001": "R-2", "5000": "R.1"}
        return [NumberUse(invoice_id=id_, number=text) for id_, text in rows.items()]

    harness.queue.numbers = find_numbers
    why = harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT, erp_number="R-1")
    done = harness.queue.accept(["5000"], APPROVER, number="R-1")
    for (result,) in (why, done):
        assert result.verdict.allowed
        (notice,) = result.verdict.notices
        assert ("invoice.number_alike", "6000") == (notice.code, notice.facts["invoices"])
    document = harness.get_entry().document
    assert document is not None
    assert [(document.vendor_id, "R-1")] * 2 == asked
    check_allowed(harness.queue.accept(["5001"], APPROVER))
    assert 2 == len(asked)


@pytest.mark.parametrize("answer", [None, 5, ["R-1"], ZeroDivisionError()])
def test_numbers_that_cannot_be_used_are_logged(
    answer: Any,  # noqa: ANN401 - whatever a host returns
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They are only shown, so that nothing is denied."""
    harness, _ = _build()

    def find_numbers(_vendor_id: str, _number: str) -> Any:  # noqa: ANN401 - the same
        if isinstance(answer, Exception):
            raise answer
        return answer

    harness.queue.numbers = find_numbers
    check_allowed(harness.queue.accept(["5000"], APPROVER, number="R-1"))
    assert "The host's numbers of a vendor" in caplog.text


def test_store_that_is_busy_ends_the_verb() -> None:
    """The host's transaction may then be repeated."""
    harness, _ = _build()

    def find_numbers(_vendor_id: str, _number: str) -> list[NumberUse]:
        raise StoreBusy

    harness.queue.numbers = find_numbers
    with pytest.raises(StoreBusy):
        harness.queue.accept(["5000"], APPROVER, number="R-1")


def test_typed_number_that_the_erp_refuses_is_typed_again() -> None:
    """A rejection would not help, as the number is not that of the invoice."""
    rule = erp.FieldRule(field="invoice_number", validator=erp.Validator.MAX_LENGTH, limit=10)
    harness, plugin = _build(rules=(rule,))
    (result,) = harness.queue.accept(["5000"], APPROVER, number="ACME-5000-R")
    (denial,) = result.verdict.denials
    assert "field.invoice_number.max_length" == denial.code
    assert ["number.give", "number.leave_out"] == [one.code for (one,) in denial.remedies]
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    plugin.script("write", NO)
    harness.worker.run_once()
    (result,) = harness.queue.retry(["5000"], APPROVER, number="ACME-5000-R")
    (denial,) = result.verdict.denials
    assert "number.give_again" == denial.remedies[0][0].code


def test_a_look_up_uses_it() -> None:
    """A document with the number of the invoice is another one then."""
    harness, plugin = _build()
    check_allowed(harness.queue.accept(["5000"], APPROVER, number="R-1"))
    plugin.script("write", erp.Unknown("The answer was lost."))
    harness.worker.run_once()
    assert "unknown" == harness.get_status().value
    plugin.script("find", erp.Found(build_receipt(), build_contents(number="R-1")))
    harness.clock.advance(3600)
    harness.worker.run_once()
    assert "synced" == harness.get_status().value
    declared = harness.queue.connections.find_declaration("erp")
    assert declared is not None
    assert harness.get_entry().slot == find_slot(harness.get_entry(), declared)


def test_a_retry_keeps_it_until_another_is_given() -> None:
    """A blank field takes it away."""
    harness, plugin = _build()
    numbers: list[str | None] = []
    for given in (
        {"number": "R-1"},
        {},
        {"number": "R-2"},
        {"fields": {"erp_invoice_number": ""}},
    ):
        verb = harness.queue.retry if numbers else harness.queue.accept
        check_allowed(verb(["5000"], APPROVER, **given))
        numbers.append(_request(harness).number)
        plugin.script("write", NO)
        harness.worker.run_once()
    assert ["R-1", "R-1", "R-2", "ACME-5000"] == numbers


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"number": 5}, TypeError),
        ({"number": " "}, ValueError),
        ({"number": "R", "fields": {"erp_invoice_number": "S"}}, ValueError),
    ],
)
def test_a_mistake_of_the_host_is_named(given: dict[str, Any], error: type[Exception]) -> None:
    """Before any invoice is touched."""
    harness, _ = _build()
    with pytest.raises(error, match="number"):
        harness.queue.accept(["5000"], APPROVER, **given)


@pytest.mark.parametrize("name", ["number", "terms"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("N\x1b-7", r"has control characters. Write it without them."),
        ("N\n7", r"has control characters. Write it without them."),
        ("N" * 256, r"has 256 characters. Write at most 255."),
    ],
)
def test_number_and_terms_are_one_short_line(name: str, text: str, message: str) -> None:
    """They are refused before any invoice is touched, as an argument and as a field."""
    harness, _ = _build()
    field = "erp_invoice_number" if name == "number" else name
    for given in ({name: text}, {"fields": {field: text}}):
        with pytest.raises(ValueError, match=f"The export field {field} {message}"):
            harness.queue.accept(["5000"], APPROVER, **given)
    check_allowed(harness.queue.accept(["5000"], APPROVER, number="N" * 255))
