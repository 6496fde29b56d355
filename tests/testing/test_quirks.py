"""The fake ERP behaves as each quirk says, over HTTP and in memory, and its adapter declares it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import ExportLine
from erp_invoice_core.testing import (
    QUIRKS,
    ErpOverHttp,
    ErpProcess,
    Quirk,
    QuirkSet,
    TwoStepErp,
    sample_document,
    sample_request,
)
from erp_invoice_core.testing.fake_erp import PROMISES, Chances, Row
from erp_invoice_core.testing.fake_erp.http_adapter import AnswerLost, ErpUrl
from erp_invoice_core.testing.fake_erp.http_server import ErpServer, RequestFaults
from erp_invoice_core.vocabulary import Feature, ItemType, Role, Support

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument


class Clock:
    """A clock that a test moves."""

    now = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@attrs.frozen(kw_only=True)
class Fake:
    """A fake with quirks, and its adapter."""

    adapter: erp.Adapter
    session: erp.Session
    list_bills: Callable[[], list[ErpDocument]]
    #: Removes a bill, posted or not, as a person does in the ERP.
    void: Callable[[str], None]

    @property
    def declared(self) -> erp.Declaration:
        """The declaration of its adapter."""
        return self.adapter.declaration

    def plan(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Return the plan of an export."""
        plan = self.adapter.steps(request)
        assert not isinstance(plan, erp.Deferred)
        return plan

    def write(
        self, request: erp.ExportRequest, step: erp.Step, receipts: list[erp.Receipt]
    ) -> erp.Outcome:
        """Carry out a step; one that is put off is tried again."""
        outcome: erp.Outcome = erp.Unknown("not tried")
        for _ in range(3):
            outcome = self.adapter.write(self.session, request, step, receipts)
            if not isinstance(outcome, erp.Deferred):
                break
        return outcome

    def export(self, document: erp.ExportDocument | None = None, **given: Any) -> list[erp.Receipt]:  # noqa: ANN401 - as of the request
        """Carry out every step, and return the receipts."""
        request = sample_request(document or sample_document(), **given)
        receipts: list[erp.Receipt] = []
        for step in self.plan(request):
            outcome = self.write(request, step, receipts)
            assert isinstance(outcome, erp.Done), outcome
            receipts.append(outcome.receipt)
        return receipts

    def refuse(self, document: erp.ExportDocument | None = None, **given: Any) -> str:  # noqa: ANN401 - as of the request
        """Carry out the steps until one is refused; return the code without the key."""
        request = sample_request(document or sample_document(), **given)
        receipts: list[erp.Receipt] = []
        for step in self.plan(request):
            outcome = self.write(request, step, receipts)
            if isinstance(outcome, erp.Refused):
                return outcome.verdict.denials[0].code.partition(".")[2]
            assert isinstance(outcome, erp.Done), outcome
            receipts.append(outcome.receipt)
        pytest.fail("It was not refused.")

    def find(self, document: erp.ExportDocument | None = None, place: int = 0) -> erp.Sighting:
        """Look a step up by its key."""
        request = sample_request(document or sample_document())
        step = self.plan(request)[place]
        return self.adapter.find(self.session, request, step, [request.key(step).text])


@contextmanager
def open_fake(kind: str, *quirks: Quirk, clock: Clock | None = None, **set_: int) -> Iterator[Fake]:
    """Open a fake over HTTP or in memory, with the usual or other figures of its quirks."""
    figures = {quirk: QUIRKS[quirk].figure or 0 for quirk in quirks}
    with _OPEN[kind](QuirkSet({**figures, **{Quirk(n): set_[n] for n in set_}}), clock) as fake:
        yield fake


@contextmanager
def _open_http(quirks: QuirkSet, _clock: Clock | None) -> Iterator[Fake]:
    faults = RequestFaults(Chances(), 0)
    with ErpServer(PROMISES[Row.BOUNDLESS], faults, 0.0, quirks) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        adapter = erp.Adapter(ErpOverHttp(quirks=quirks))
        session = adapter.connect(erp.Connection("fake", adapter.key, {"base_url": server.url}))
        assert isinstance(session, erp.Session)
        documents = server.state.ledger.documents
        yield Fake(
            adapter=adapter,
            session=session,
            list_bills=lambda: [bill for bill in documents.values() if bill.exists],
            void=lambda erp_id: setattr(documents[erp_id], "exists", False),
        )
        server.shutdown()


@contextmanager
def _open_memory(quirks: QuirkSet, clock: Clock | None) -> Iterator[Fake]:
    plugin = TwoStepErp(quirks=quirks)
    plugin.clock = clock or plugin.clock
    adapter = erp.Adapter(plugin)
    session = adapter.connect(erp.Connection("fake", adapter.key))
    assert isinstance(session, erp.Session)
    ledger = plugin.ledger
    yield Fake(adapter=adapter, session=session, list_bills=ledger.list_bills, void=ledger.void)


_OPEN = {"http": _open_http, "memory": _open_memory}
both = pytest.mark.parametrize("kind", sorted(_OPEN))
OTHER = sample_document(invoice_id="5001", commitment_id="101")
LONG = sample_document(invoice_number="ACME-2026-000077")


def build_document(**amounts: int) -> erp.ExportDocument:
    """Return an invoice of one line with these amounts."""
    line = ExportLine(item_id="1", item_type=ItemType.CONTRACT_ITEM, line_item_id="1001")
    given: dict[str, Any] = {name: Decimal(amount) for name, amount in amounts.items()}
    return sample_document(lines=(attrs.evolve(line, **given),))


@both
@pytest.mark.parametrize("quirk", Quirk)
def test_plain_invoice_is_exported(kind: str, quirk: Quirk) -> None:
    """With each quirk alone the adapter loads, and a plain invoice is exported and found."""
    if kind == "memory" and QUIRKS[quirk].needs_http:
        with pytest.raises(ValueError, match="needs the fake over HTTP"):
            TwoStepErp(quirks=QuirkSet.of(quirk))
        return
    needed = [Quirk.UNIQUE_PER_VENDOR] if quirk is Quirk.KEEPS_DELETED_NUMBERS else []
    plain = build_document(gross=1200, work=1200)
    with open_fake(kind, *needed, quirk) as fake:
        receipts = fake.export(plain)
        assert [step.name for step in fake.plan(sample_request(plain))] == [
            each.step for each in receipts
        ]
        assert {step.kind for step in fake.plan(sample_request(plain))} <= set(fake.declared.terms)
        assert fake.declared.landing.value == fake.list_bills()[0].state
        if quirk not in {Quirk.FILE_DROP, Quirk.SLOW_INDEX}:
            assert isinstance(fake.find(plain), erp.Found)
            assert isinstance(fake.adapter.read(fake.session, receipts[0]), erp.Contents)


@both
def test_without_quirks(kind: str) -> None:
    """Without quirks the fake keeps what it is sent, posts it, and takes every amount."""
    with open_fake(kind) as fake:
        fake.export()
        (bill,) = fake.list_bills()
        assert ("ACME-77", "20025.45", "22250.50", "2225.05", "0", "USD", "posted") == (
            bill.number,
            bill.amount,
            bill.gross,
            bill.retained,
            bill.released,
            bill.currency,
            bill.state,
        )
        for place, amounts in enumerate(({"gross": 0}, {"gross": -5}, {"released": 5})):
            fake.export(build_document(**amounts), attempt=place + 2)


@both
def test_number_is_cut(kind: str) -> None:
    """A number is cut to n characters, declared, and found again."""
    with open_fake(kind, Quirk.TRUNCATES_NUMBER) as fake:
        fake.export(LONG)
        assert "ACME-2026-00" == fake.list_bills()[0].number
        assert "ACME-2026-00" == fake.declared.truncate_number(LONG.invoice_number)
        assert isinstance(fake.find(LONG), erp.Found)


@both
def test_long_number_is_refused(kind: str) -> None:
    """A number of more than n characters is refused, and the rule is declared."""
    with open_fake(kind, limits_number=15) as fake:
        assert "number_too_long" == fake.refuse(LONG)
        (rule,) = fake.declared.field_rules
        assert ("invoice_number", 15, False) == (rule.field, rule.limit, rule.truncates)


@both
@pytest.mark.parametrize(
    ("quirk", "other_commitment", "scope"),
    [
        (Quirk.UNIQUE_PER_VENDOR, "number_used", erp.NumberScope.VENDOR),
        (Quirk.UNIQUE_PER_COMMITMENT, "", erp.NumberScope.COMMITMENT),
    ],
)
def test_number_is_unique(
    kind: str, quirk: Quirk, other_commitment: str, scope: erp.NumberScope
) -> None:
    """A number is used once per vendor or commitment, and again after a deletion."""
    with open_fake(kind, quirk) as fake:
        first = fake.export()[0]
        assert "number_used" == fake.refuse(attempt=2)
        if other_commitment:
            assert other_commitment == fake.refuse(OTHER)
        else:
            fake.export(OTHER)
        assert scope is fake.declared.number_scope
        assert "number_missing" == fake.refuse(sample_document(invoice_number=None))
        fake.void(first.erp_id)
        assert first.erp_id not in [bill.id for bill in fake.list_bills()]
        fake.export(attempt=3)


@both
def test_deleted_number_is_kept(kind: str) -> None:
    """A number stays used after the deletion of its bill."""
    with open_fake(kind, Quirk.UNIQUE_PER_VENDOR, Quirk.KEEPS_DELETED_NUMBERS) as fake:
        fake.void(fake.export()[0].erp_id)
        assert [] == fake.list_bills()
        assert "number_used" == fake.refuse(attempt=2)
        assert fake.declared.terms["create"].enforces_key


@both
def test_similar_bill_is_not_posted(kind: str) -> None:
    """A second bill of the same vendor and number is drafted, and not posted."""
    with open_fake(kind, Quirk.WARNS_OF_DUPLICATES) as fake:
        fake.export()
        assert "similar" == fake.refuse(OTHER)
        assert ["posted", "draft"] == [bill.state for bill in fake.list_bills()]
        fake.export(sample_document(invoice_number="ACME-78"))


def test_key_is_forgotten() -> None:
    """A key leads to the same bill for n milliseconds, and afterwards to another one."""
    clock = Clock()
    with open_fake("memory", clock=clock, forgets_keys=5000) as fake:
        request = attrs.evolve(sample_request(), deadline=clock.now + timedelta(hours=1))
        step, ids = fake.plan(request)[0], []
        for seconds in (0, 5, 1):
            clock.now += timedelta(seconds=seconds)
            outcome = fake.write(request, step, [])
            assert isinstance(outcome, erp.Done)
            ids.append(outcome.receipt.erp_id)
        assert ["BILL-1", "BILL-1", "BILL-2"] == ids
        terms = fake.declared.terms["create"]
        assert (erp.Replay.SUCCESSES, timedelta(seconds=5)) == (terms.replay, terms.replay_for)


def test_key_is_forgotten_over_http() -> None:
    """Over HTTP a key leads to the same bill as well, and is forgotten after its time."""
    with open_fake("http", Quirk.FORGETS_KEYS) as fake:
        request = sample_request()
        for _ in range(2):
            fake.write(request, fake.plan(request)[0], [])
        assert 1 == len(fake.list_bills())
    with open_fake("http", forgets_keys=1) as fake:
        until = time.monotonic() + 30
        while len(fake.list_bills()) < 2:
            assert time.monotonic() < until
            fake.write(request, fake.plan(request)[0], [])


@both
def test_amounts_are_rounded(kind: str) -> None:
    """Amounts of the bill and its lines are rounded half up, and declared as rounded."""
    with open_fake(kind, Quirk.ROUNDS) as fake:
        fake.export()
        (bill,) = fake.list_bills()
        assert ("20025", "22251", "2225") == (bill.amount, bill.gross, bill.retained)
        assert ["21000", "1251"] == [line["amount"] for line in bill.lines or ()]
        assert erp.Fidelity.ROUNDED is fake.declared.fidelity["due"]


@both
def test_descriptions_are_dropped(kind: str) -> None:
    """Lines have no description."""
    with open_fake(kind, Quirk.DROPS_DESCRIPTIONS) as fake:
        fake.export()
        assert [None, None] == [line["description"] for line in fake.list_bills()[0].lines or ()]
        assert erp.Fidelity.DROPPED is fake.declared.fidelity["line_description"]


TAXED = attrs.evolve(
    sample_document(),
    lines=(
        attrs.evolve(
            sample_document().lines[1],
            tax_code="GST",
            tax_code_origin_id="G5",
            tax=Decimal("62.53"),
        ),
        sample_document().lines[0],
    ),
)


@both
def test_tax_is_kept(kind: str) -> None:
    """Tax code and tax of each line are stored and read; an invoice without tax says nothing."""
    with open_fake(kind, Quirk.KEEPS_TAX) as fake:
        fake.export(TAXED)
        (bill,) = fake.list_bills()
        assert ("20025.45", "62.53") == (bill.amount, bill.tax)
        shown = bill.build_contents()
        assert shown.lines is not erp.NOT_SAID
        assert [("G5", Decimal("62.53")), (None, Decimal(0))] == [
            (line.tax_code, line.tax) for line in shown.lines
        ]
        assert erp.TaxForm.KEPT is fake.declared.tax
        fake.export()
        assert erp.NOT_SAID is fake.list_bills()[1].build_contents().tax


@both
def test_tax_is_computed(kind: str) -> None:
    """Five percent of the line with a tax code, whatever was sent."""
    with open_fake(kind, Quirk.COMPUTES_TAX) as fake:
        fake.export(attrs.evolve(TAXED, lines=tuple(_double_tax(line) for line in TAXED.lines)))
        fake.export()
        bill, untaxed = fake.list_bills()
        assert ("62.53", None) == (bill.tax, untaxed.tax)
        assert ["62.53", "0.00"] == [line["tax"] for line in bill.lines or ()]
        assert erp.TaxForm.DERIVED is fake.declared.tax


def _double_tax(line: ExportLine) -> ExportLine:
    return attrs.evolve(line, tax=line.tax * 2)


@both
def test_stored_materials_are_dropped(kind: str) -> None:
    """Stored materials are left out of the lines, the gross amount and the amount due."""
    with open_fake(kind, Quirk.DROPS_STORED_MATERIALS) as fake:
        fake.export()
        (bill,) = fake.list_bills()
        assert ("19025.45", "21250.50") == (bill.amount, bill.gross)
        assert ["20000.00", "1250.50"] == [line["amount"] for line in bill.lines or ()]
        assert erp.Fidelity.DROPPED is fake.declared.fidelity["stored_materials"]


RETAINED = build_document(gross=100, work=100, retained=10, released=4)


@both
def test_release_is_ignored(kind: str) -> None:
    """Released retainage is neither released nor due, and declared as dropped."""
    with open_fake(kind, Quirk.DROPS_RELEASES) as fake:
        fake.export(RETAINED)
        (bill,) = fake.list_bills()
        assert ("90.00", "10.00", "0") == (bill.amount, bill.retained, bill.released)
        assert "release_only" == fake.refuse(build_document(released=5))
        assert erp.Fidelity.DROPPED is fake.declared.fidelity["retainage_release"]
        assert erp.Fidelity.DERIVED is fake.declared.fidelity["due"]


@both
def test_release_is_automatic(kind: str) -> None:
    """A release is that of all that other bills of the commitment hold, and due with the bill."""
    with open_fake(kind, Quirk.RELEASES_ITSELF) as fake:
        held = build_document(gross=100, work=100, retained=10)
        fake.export(held)
        fake.export(attrs.evolve(held, commitment_id="101"), attempt=2)
        fake.export(held, attempt=3)
        fake.export(build_document(gross=50, work=50, released=5), attempt=4)
        fake.export(build_document(gross=50, work=50, released=5), attempt=5)
        amounts = [(bill.amount, bill.released) for bill in fake.list_bills()]
        assert [("90.00", "0")] * 3 == amounts[:3]
        assert [("70.00", "20.00"), ("55.00", "5.00")] == amounts[3:]
        assert erp.Fidelity.DERIVED is fake.declared.fidelity["retainage_release"]


@both
def test_retainage_is_a_line(kind: str) -> None:
    """Retainage is a line of the bill, which the adapter reads as retainage too."""
    with open_fake(kind, Quirk.RETAINAGE_LINE) as fake:
        fake.export(RETAINED)
        (bill,) = fake.list_bills()
        assert ["100.00", "-10.00", "4.00"] == [line["amount"] for line in bill.lines or ()]
        assert (None, None) == (bill.retained, bill.released)
        shown = QuirkSet.of(Quirk.RETAINAGE_LINE).show(bill)
        assert ("10.00", "4.00") == (shown.retained, shown.released)
        assert erp.RetainageForm.LINE is fake.declared.retainage


@both
def test_retainage_is_a_document(kind: str) -> None:
    """Retainage is a document of its own; both are found and posted, and together due."""
    with open_fake(kind, Quirk.RETAINAGE_DOCUMENT) as fake:
        receipts = fake.export(RETAINED)
        assert [Role.BILL, Role.RELEASE, None, None] == [each.role for each in receipts]
        bills = fake.list_bills()
        assert ["100.00", "-6.00"] == [bill.amount for bill in bills]
        assert ["posted", "posted"] == [bill.state for bill in bills]
        for place in range(4):
            assert isinstance(fake.find(RETAINED, place), erp.Found)
        assert erp.RetainageForm.DOCUMENT is fake.declared.retainage
        alone = fake.export(build_document(released=4), attempt=2)
        assert [Role.RELEASE, None] == [each.role for each in alone]


@both
@pytest.mark.parametrize(
    ("quirk", "amounts", "code", "field"),
    [
        (Quirk.REFUSES_RELEASE_ONLY, {"released": 5}, "release_only", "release_only"),
        (Quirk.REFUSES_ZERO, {"gross": 0}, "zero", "zero"),
        (Quirk.REFUSES_NEGATIVE, {"gross": -5, "work": -5}, "negative", "negative"),
    ],
)
def test_amount_is_refused(
    kind: str, quirk: Quirk, amounts: dict[str, int], code: str, field: str
) -> None:
    """An amount that the fake does not take is refused, and declared as refused."""
    with open_fake(kind, quirk) as fake:
        assert code == fake.refuse(build_document(**amounts))
        assert [] == fake.list_bills()
        assert erp.Handling.REFUSED is getattr(fake.declared, field)


@both
def test_other_currency_is_refused(kind: str) -> None:
    """A currency but dollars is refused, and dollars are declared."""
    with open_fake(kind, Quirk.ONE_CURRENCY) as fake:
        assert "currency" == fake.refuse(sample_document(currency="CAD"))
        assert frozenset({"USD"}) == fake.declared.currencies


@both
@pytest.mark.parametrize(
    ("quirk", "state"), [(Quirk.LEAVES_DRAFT, "draft"), (Quirk.LEAVES_ON_HOLD, "on_hold")]
)
def test_bill_is_not_posted(kind: str, quirk: Quirk, state: str) -> None:
    """A bill stays as it lands, and no step posts it."""
    with open_fake(kind, quirk) as fake:
        assert [state] == [each.state for each in fake.export()]
        assert ["create"] == list(fake.declared.terms)


@both
def test_closed_period_refuses_the_posting(kind: str) -> None:
    """A bill that is dated in a closed period is drafted, and not posted."""
    with open_fake(kind, closed_until=2026_10_31) as fake:
        assert "period_closed" == fake.refuse()
        assert ["draft"] == [bill.state for bill in fake.list_bills()]
        fake.export(attempt=2, fields={"accounting_date": "2026-11-01"})


@both
def test_periods_are_shown(kind: str) -> None:
    """The adapter says which periods are open, if the fake has that quirk."""
    with open_fake(kind, closed_until=2026_10_31) as fake:
        assert not fake.adapter.has_periods
    with open_fake(kind, Quirk.SHOWS_PERIODS, closed_until=2026_10_31) as fake:
        closed, after = _read_periods(fake)
        assert (None, date(2026, 10, 31), False) == (
            closed.first_day,
            closed.last_day,
            closed.is_open,
        )
        assert (date(2026, 11, 1), None, True) == (after.first_day, after.last_day, after.is_open)
        assert ["accounting_date"] == [field.key for field in fake.declared.extra_fields]
    with open_fake(kind, Quirk.SHOWS_PERIODS) as fake:
        assert [True] == [period.is_open for period in _read_periods(fake)]


def _read_periods(fake: Fake) -> tuple[erp.AccountingPeriod, ...]:
    periods = fake.adapter.periods(fake.session)
    assert not isinstance(periods, erp.CannotTell)
    return periods


@both
def test_date_is_moved(kind: str) -> None:
    """A date in a locked period is moved without a word."""
    with open_fake(kind, moves_date=2026_10_31) as fake:
        fake.export()
        assert "2026-11-01" == fake.list_bills()[0].day


@both
def test_file_is_dropped(kind: str) -> None:
    """A fake that takes files cannot look up, read or remove, and doubles a repeat."""
    with open_fake(kind, Quirk.FILE_DROP) as fake:
        fake.export()
        fake.export()
        assert 2 == len(fake.list_bills())
        adapter, declared = fake.adapter, fake.declared
        assert (False,) * 3 == (adapter.has_find, adapter.has_read, adapter.has_withdraw)
        assert Support.IMPOSSIBLE is declared.support(Feature.WITHDRAW)
        assert erp.LookUp.NONE is declared.terms["create"].look_up


def test_index_is_slow() -> None:
    """A look-up finds a bill after n milliseconds, as declared, and not before."""
    clock = Clock()
    with open_fake("memory", Quirk.SLOW_INDEX, clock=clock) as fake:
        request = attrs.evolve(sample_request(), deadline=clock.now + timedelta(hours=1))
        fake.write(request, fake.plan(request)[0], [])
        assert isinstance(fake.find(), erp.Absent)
        clock.now += fake.declared.terms["create"].visible_after
        assert isinstance(fake.find(), erp.Found)
        assert timedelta(milliseconds=200) == fake.declared.terms["create"].visible_after


def test_index_is_slow_over_http() -> None:
    """Over HTTP a bill is not found before its time either."""
    with open_fake("http", slow_index=600_000) as fake:
        request = sample_request()
        fake.write(request, fake.plan(request)[0], [])
        assert isinstance(fake.find(), erp.Absent)


@both
def test_rate_is_limited(kind: str) -> None:
    """Each n-th request is answered with 429: a write is put off, a read is asked again."""
    with open_fake(kind, Quirk.LIMITS_RATE) as fake:
        request = sample_request()
        step = fake.plan(request)[0]
        outcomes = [
            type(fake.adapter.write(fake.session, request, step)).__name__ for _ in range(6)
        ]
        assert 2 == outcomes.count("Deferred")
        assert 4 == outcomes.count("Done") == len(fake.list_bills())
        assert {"Several"} == {type(fake.find()).__name__ for _ in range(6)}
    with open_fake(kind, limits_rate=1) as fake:
        assert isinstance(fake.adapter.write(fake.session, request, step), erp.Deferred)
        assert isinstance(fake.find(), erp.CannotTell)


def test_list_has_pages() -> None:
    """A look-up of many bills has pages of n, which the adapter follows to the end."""
    with open_fake("http", Quirk.PAGES) as fake:
        request = sample_request()
        for _ in range(5):
            fake.write(request, fake.plan(request)[0], [])
        url = fake.session.value
        assert isinstance(url, ErpUrl)
        step = fake.plan(request)[0]
        asked = {"step": "create", "keys": [request.key(step).text]}
        page = url.ask("find", asked)
        assert (2, 5, 2) == (len(page["bills"]), page["total"], page["next"])
        assert 5 == len(url.list_bills(asked))
        sighting = fake.find()
        assert isinstance(sighting, erp.Several)
        assert "5" in sighting.why


def test_look_up_finds_a_part_of_the_number() -> None:
    """The fake finds each bill whose number contains the number; the adapter chooses its own."""
    longer = sample_document(invoice_number="x acme-77 b")
    with open_fake("http", Quirk.FINDS_CONTAINING) as fake:
        assert {erp.LookUp.NUMBER} == {terms.look_up for terms in fake.declared.terms.values()}
        fake.export(longer)
        assert isinstance(fake.find(), erp.Absent)
        fake.export(attempt=2)
        url, request = fake.session.value, sample_request()
        assert isinstance(url, ErpUrl)
        content = {"vendor": request.document.vendor_origin_id, "number": request.number}
        plain = {**content, "key": None, "amount": "1", "day": None}
        found = url.list_bills({"step": "create", "keys": [], "content": plain})
        assert ["x acme-77 b", "ACME-77"] == [bill.number for bill in found]
        sighting = fake.find()
        assert isinstance(sighting, erp.Found)
        assert ("ACME-77", None) == (sighting.contents.number, sighting.contents.key)


@both
def test_answer_has_no_id(kind: str) -> None:
    """The adapter looks for the id that the answer does not have, and is not sure without it."""
    with open_fake(kind, Quirk.ANSWERS_WITHOUT_ID) as fake:
        assert ["BILL-1", "BILL-1"] == [each.erp_id for each in fake.export()]
        request = sample_request()
        again = fake.write(request, fake.plan(request)[0], [])
        assert erp.Unknown("The answer has no id.") == again
        assert 2 == len(fake.list_bills())


def test_answer_of_the_process_has_no_id() -> None:
    """The fields of the answer have an empty id, and a bill that is read has its own."""
    with open_fake("http", Quirk.ANSWERS_WITHOUT_ID) as fake:
        url = fake.session.value
        assert isinstance(url, ErpUrl)
        content = {"vendor": "V", "number": "1", "amount": "1", "day": None, "key": "k"}
        assert "" == url.ask("create", {"key": "k", "content": content})["bill"]["id"]
        assert "BILL-1" == url.ask("read", {"id": "BILL-1"})["bills"][0]["id"]


@both
def test_bill_is_half_made(kind: str) -> None:
    """Every n-th bill stays without lines, and its request without an answer."""
    with open_fake(kind, Quirk.HALF_MADE) as fake:
        fake.export()
        other = sample_document(invoice_id="5002", invoice_number="ACME-78")
        request = sample_request(other)
        step = fake.plan(request)[0]
        assert isinstance(fake.write(request, step, []), erp.Unknown)
        whole, half = fake.list_bills()
        assert (2, 0, "draft") == (len(whole.lines or ()), len(half.lines or ()), half.state)
        sighting = fake.find(other)
        assert isinstance(sighting, erp.Found)
        assert () == sighting.contents.lines
        assert whole.amount == half.amount
        assert isinstance(fake.write(request, step, []), erp.Done)


@pytest.mark.parametrize("quirks", [(), (Quirk.FAILS_ON_UNKNOWN_FIELD,)])
def test_unknown_field(quirks: tuple[Quirk, ...]) -> None:
    """A field that the fake does not know is ignored, or answered with 500 and a page."""
    with open_fake("http", *quirks) as fake:
        url = fake.session.value
        assert isinstance(url, ErpUrl)
        content = {"vendor": "V", "number": "1", "amount": "1", "day": None, "key": "k"}
        asked = {"key": "k", "content": {**content, "colour": "red"}}
        if quirks:
            with pytest.raises(AnswerLost, match="500"):
                url.ask("create", asked)
        else:
            url.ask("create", asked)
        assert [] == fake.list_bills() if quirks else fake.list_bills()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["rounded"], "There is no quirk 'rounded'. The quirks are: truncates_number"),
        (["rounds=two"], "The figure of the quirk rounds is 'two'. Give a whole number."),
        (["refuses_zero=1"], "The quirk refuses_zero has no figure."),
        (["file_drop", "answers_without_id"], "answers_without_id and file_drop contradict"),
        (["releases_itself", "retainage_line"], "releases_itself and retainage_line contradict"),
        (["leaves_draft", "leaves_on_hold"], "leaves_draft and leaves_on_hold contradict"),
        (["keeps_deleted_numbers"], "needs unique_per_commitment or unique_per_vendor"),
        (["leaves_draft", "closed_until"], "closed_until needs postings, and leaves_draft"),
    ],
)
def test_wrong_quirks_are_refused(texts: list[str], message: str) -> None:
    """A quirk that is not known, has a wrong figure or contradicts another one is refused."""
    with pytest.raises(ValueError, match=message):
        QuirkSet.parse(texts)


def test_texts_are_read_back() -> None:
    """The texts of quirks are read as the same quirks."""
    quirks = QuirkSet.parse(["rounds=2", "refuses_zero", "pages"])
    assert quirks == QuirkSet.parse(quirks.list_texts())
    assert {Quirk.ROUNDS: 2, Quirk.REFUSES_ZERO: 0, Quirk.PAGES: 2} == dict(quirks.figures)


def test_every_quirk_has_a_row() -> None:
    """The table has one row per quirk."""
    assert set(Quirk) == set(QUIRKS)


def test_late_request_keeps_its_quirks(tmp_path: Any) -> None:  # noqa: ANN401 - of pytest
    """A request that is carried out late, from a file, is stored by the quirks of its fake."""
    plugin = TwoStepErp(quirks=QuirkSet.of(Quirk.ROUNDS))
    adapter = erp.Adapter(plugin)
    settings = {"path": str(tmp_path / "fake.json")}
    session = adapter.connect(erp.Connection("fake", adapter.key, settings))
    assert isinstance(session, erp.Session)
    ledger = session.value.ledger  # type: ignore[attr-defined]
    ledger.inject("create", "late")
    request = sample_request()
    plan = adapter.steps(request)
    assert not isinstance(plan, erp.Deferred)
    adapter.write(session, request, plan[0])
    assert ["20025"] == [bill.amount for bill in ledger.list_bills(datetime.now(UTC))]


def test_process_has_quirks() -> None:
    """The process has the quirks that it is started with."""
    quirks = QuirkSet.of(Quirk.ROUNDS)
    with ErpProcess(quirks=quirks) as process:
        adapter = erp.Adapter(ErpOverHttp(quirks=quirks))
        session = adapter.connect(erp.Connection("fake", adapter.key, {"base_url": process.url}))
        assert isinstance(session, erp.Session)
        request = sample_request()
        plan = adapter.steps(request)
        assert not isinstance(plan, erp.Deferred)
        adapter.write(session, request, plan[0])
        assert ["20025"] == [bill.amount for bill in process.report().bills]


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--quirks"], 0, "truncates_number=12"),
        (["--quirk", "rounded"], 2, "There is no quirk 'rounded'"),
    ],
)
def test_command_line(words: list[str], code: int, text: str) -> None:
    """The command line lists the quirks, and refuses one that is not known."""
    module = "erp_invoice_core.testing.fake_erp"
    done = subprocess.run(
        [sys.executable, "-m", module, *words], capture_output=True, text=True, check=False
    )
    assert code == done.returncode
    assert text in done.stdout + done.stderr
