"""What an entry knows grows call by call, document by document."""

from __future__ import annotations

import attrs

from erp_invoice_core.declaration import Replay
from erp_invoice_core.documents import Answer, CallKind, Key, QueueEntry, Receipt
from erp_invoice_core.flow import (
    answered,
    claim,
    conclude,
    holding_of,
    start,
    with_holding,
    with_receipt,
    withdrawn,
)
from erp_invoice_core.flow.known import is_gone
from erp_invoice_core.vocabulary import Role

from .samples import CREATE, ERP, LEASE, after, created, declared, receipt, unknown

REPLAYED = declared(replay=Replay.EVERYTHING)


def _twice_in_doubt() -> QueueEntry:
    entry = unknown(erp=REPLAYED)
    entry = conclude(entry, entry, at=after(90), erp=REPLAYED).after
    entry = claim(entry, at=after(90), holder="w2", lease=LEASE).after
    return start(entry, CREATE, at=after(90), lease=LEASE).after


def test_answer_settles_its_own_call_alone() -> None:
    """An answer to one call of a key says nothing of another call of the same key."""
    entry = answered(_twice_in_doubt(), 1, Answer.DEFERRED)

    assert [None, Answer.DEFERRED] == [call.answer for call in entry.calls]


def test_receipt_settles_its_own_call_alone() -> None:
    """Where the ERP does not enforce its keys both calls may have made a document."""
    entry = with_receipt(_twice_in_doubt(), 1, receipt(), REPLAYED)

    assert [None, Answer.RECEIPT] == [call.answer for call in entry.calls]


def test_receipt_settles_every_call_of_an_enforced_key() -> None:
    """Where the ERP makes one document per key there is nothing left to doubt."""
    entry = with_receipt(_twice_in_doubt(), 1, receipt(), declared(enforces_key=True))

    assert [Answer.RECEIPT, Answer.RECEIPT] == [call.answer for call in entry.calls]


def test_receipt_says_nothing_of_another_key() -> None:
    """An enforced key names one document; what was asked under another key stays in doubt."""
    entry = _twice_in_doubt()
    first, second = entry.calls
    other = attrs.evolve(first, key=entry.key("post"))

    known = with_receipt(
        attrs.evolve(entry, calls=(other, second)), 1, receipt(), declared(enforces_key=True)
    )

    assert [None, Answer.RECEIPT] == [call.answer for call in known.calls]


def test_receipt_says_nothing_of_a_call_of_another_kind() -> None:
    """What was written is there; whether it was removed is another question."""
    entry = _twice_in_doubt()
    first, second = entry.calls
    removal = attrs.evolve(first, kind=CallKind.WITHDRAW, erp_id="B-1")

    known = with_receipt(
        attrs.evolve(entry, calls=(removal, second)), 1, receipt(), declared(enforces_key=True)
    )

    assert [None, Answer.RECEIPT] == [call.answer for call in known.calls]


def test_receipt_changes_no_answer_of_another_call() -> None:
    """A call that was answered before keeps its answer, under an enforced key as well."""
    entry = answered(_twice_in_doubt(), 0, Answer.DEFERRED)

    known = with_receipt(entry, 1, receipt(), declared(enforces_key=True))

    assert [Answer.DEFERRED, Answer.RECEIPT] == [call.answer for call in known.calls]


def test_receipt_without_its_adapter_settles_its_own_call_alone() -> None:
    """Nobody says that the key is enforced."""
    entry = with_receipt(_twice_in_doubt(), 0, receipt(), None)

    assert [Answer.RECEIPT, None] == [call.answer for call in entry.calls]


def test_receipt_is_kept_under_its_key_with_the_digest_that_was_sent() -> None:
    """What the ERP repeats as digest does not count; what we sent does."""
    entry = unknown()
    said = attrs.evolve(receipt(), digest="theirs")

    (held,) = with_receipt(entry, 0, said, ERP).holdings

    assert (entry.key("create"), entry.digest) == (held.key, held.receipt.digest)


def test_same_receipt_is_kept_once() -> None:
    """A receipt told twice is one."""
    entry = created()

    assert entry is with_holding(entry, entry.holdings[0])


def test_role_of_a_document_is_the_one_planned() -> None:
    """A receipt that forgets the role of what it made is a bill all the same."""
    said = Receipt(step="create", erp_id="B-1")

    held = holding_of(unknown(), unknown().key("create"), said, "d")

    assert Role.BILL is held.receipt.role


def test_receipt_is_of_the_step_whose_key_made_it() -> None:
    """A receipt that names another step is kept under the step that was asked for."""
    held = holding_of(unknown(), unknown().key("create"), receipt("post"), "d")

    assert ("create", "d", Role.BILL) == (held.receipt.step, held.receipt.digest, held.receipt.role)


def test_document_stays_gone_whatever_is_removed_next() -> None:
    """The bill was removed first, and the second document after it."""
    entry = with_holding(
        created(), holding_of(created(), created().key("create"), receipt(erp_id="B-2"), "d")
    )

    both = withdrawn(withdrawn(entry, "B-1"), "B-2")

    assert [True, True] == [held.gone for held in both.holdings]


def test_role_of_a_former_try_is_the_one_told() -> None:
    """The plan of a former try is not kept."""
    said = Receipt(step="create", erp_id="B-1", role=Role.CREDIT)

    held = holding_of(unknown(), Key("5000", 1, 9, "create"), said, "d")

    assert Role.CREDIT is held.receipt.role


def test_document_known_to_be_gone_stays_gone() -> None:
    """A late receipt of a removed document brings nothing back to life."""
    entry = withdrawn(created(), "B-1")

    held = holding_of(entry, entry.key("post"), receipt("post"), "d")

    assert is_gone(entry, "B-1")
    assert held.gone


def test_only_the_named_document_is_withdrawn() -> None:
    """Another document of the entry lives on."""
    entry = with_holding(
        created(), holding_of(created(), created().key("create"), receipt(erp_id="B-2"), "d")
    )

    assert [False, True] == [held.gone for held in withdrawn(entry, "B-2").holdings]
    assert [True, True] == [held.gone for held in withdrawn(entry, None).holdings]
