"""A ruling says of each call in doubt whether it happened, and nothing of what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.documents import Answer
from erp_invoice_core.flow import Ruling
from erp_invoice_core.flow.ruling import apply
from erp_invoice_core.vocabulary import Role

from .samples import (
    CREATE,
    PLAN,
    accepted,
    created,
    draft_left,
    failed,
    post_in_doubt,
    removal_in_doubt,
    unknown,
)

if TYPE_CHECKING:
    from erp_invoice_core.documents import QueueEntry

RELEASE = attrs.evolve(CREATE, name="release", role=Role.RELEASE)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"absent": True, "synced": {"": "B-1"}},
        {"absent": True, "happened": {"create": "B-1"}},
        {"synced": {"": "B-1"}, "steps_absent": ("post",)},
    ],
)
def test_ruling_says_one_thing(said: dict[str, object]) -> None:
    """Nothing at all, or several things at once, is no ruling."""
    with pytest.raises(ValueError, match="Say one of"):
        Ruling(**said)  # type: ignore[arg-type]  # what a caller may give by mistake


def test_step_cannot_both_have_happened_and_not() -> None:
    """A contradiction is no ruling."""
    with pytest.raises(ValueError, match="cannot both"):
        Ruling(happened={"create": "B-1"}, steps_absent=("create",))


def test_absence_of_everything_settles_every_call() -> None:
    """Nothing is there: no call happened."""
    known = apply(Ruling(absent=True), unknown())

    assert Ruling(absent=True).settles_all(unknown())
    assert [Answer.ABSENT] == [call.answer for call in known.calls]
    assert () == known.holdings


def test_synced_gives_every_step_its_receipt() -> None:
    """One ERP id for the bill; the posting acted on it."""
    known = apply(Ruling(synced={"": "B-9"}), unknown())

    assert [("create", "B-9", Role.BILL), ("post", "B-9", None)] == [
        (held.receipt.step, held.receipt.erp_id, held.receipt.role) for held in known.holdings
    ]
    assert [Answer.RECEIPT] == [call.answer for call in known.calls]


def test_synced_keeps_the_receipts_that_stand() -> None:
    """The draft is known; the posting is what was ruled."""
    known = apply(Ruling(synced={"bill": "B-1"}), post_in_doubt())

    assert [("create", "B-1"), ("post", "B-1")] == [
        (held.receipt.step, held.receipt.erp_id) for held in known.holdings
    ]


def test_synced_with_another_document_leaves_both() -> None:
    """The one on record is there as well: two documents of one role."""
    known = apply(Ruling(synced={"bill": "B-2"}), post_in_doubt())

    assert ["B-1", "B-2", "B-1"] == [held.receipt.erp_id for held in known.holdings]


def test_synced_must_name_every_document() -> None:
    """An id for the bill says nothing of the release."""
    entry = attrs.evolve(unknown(), plan=(CREATE, RELEASE))

    assert not Ruling(synced={"bill": "B-1"}).settles_all(entry)
    assert Ruling(synced={"bill": "B-1", "release": "R-1"}).settles_all(entry)


def test_synced_need_not_name_what_stands() -> None:
    """The bill is on record already: the id of the release is all that was missing."""
    entry = attrs.evolve(post_in_doubt(), plan=(CREATE, RELEASE))

    assert Ruling(synced={"release": "R-1"}).settles_all(entry)
    assert not Ruling(synced={"credit": "C-1"}).settles_all(entry)


def test_synced_without_a_plan_is_one_bill() -> None:
    """An entry that never started knows no steps: a bill is what there is."""
    known = apply(Ruling(synced={"": "B-9"}), accepted())

    assert [("bill", Role.BILL)] == [(step.name, step.role) for step in known.plan]
    assert ["B-9"] == [held.receipt.erp_id for held in known.standing]


def test_steps_are_ruled_one_by_one() -> None:
    """The draft is there, the posting did not happen."""
    ruling = Ruling(steps_absent=("post",))

    known = apply(ruling, post_in_doubt())

    assert ruling.settles_all(post_in_doubt())
    assert [Answer.RECEIPT, Answer.ABSENT] == [call.answer for call in known.calls]
    assert ["create"] == [held.receipt.step for held in known.standing]


def test_step_that_happened_gets_its_receipt() -> None:
    """The posting is there, on the draft."""
    known = apply(Ruling(happened={"post": "B-1"}), post_in_doubt())

    assert ["create", "post"] == [held.receipt.step for held in known.standing]


def test_every_call_in_doubt_must_be_ruled() -> None:
    """A word about another step leaves the call in doubt unruled."""
    assert not Ruling(happened={"post": "B-1"}).settles_all(unknown())


def test_step_that_there_is_not_cannot_be_ruled() -> None:
    """A misspelt step is no ruling on anything."""
    ruling = Ruling(happened={"create": "B-1"}, steps_absent=("psot",))

    assert not ruling.settles_all(unknown())


def test_absence_is_ruled_of_anything_that_did_not_happen() -> None:
    """Of everything, of a step, and of a removal that a synced document excludes."""
    assert Ruling(absent=True).rules_absent(unknown())
    assert Ruling(steps_absent=("create",)).rules_absent(unknown())
    assert Ruling(synced={"": "B-1"}).rules_absent(removal_in_doubt())
    assert not Ruling(synced={"": "B-1"}).rules_absent(unknown())
    assert not Ruling(happened={"create": "B-1"}).rules_absent(unknown())


def test_ruling_names_the_documents_that_it_denies() -> None:
    """A receipt is on record: its document must be shown gone first."""
    assert ["B-1"] == [one.erp_id for one in Ruling(absent=True).denied(draft_left())]
    assert ["B-1"] == [one.erp_id for one in Ruling(steps_absent=("create",)).denied(draft_left())]
    assert () == Ruling(steps_absent=("post",)).denied(draft_left())
    assert () == Ruling(synced={"": "B-1"}).denied(draft_left())


def test_a_step_that_did_not_happen_is_said_of_this_try() -> None:
    """A document of a former try stands beside what did not happen: the ruling does not deny it."""
    next_try = attrs.evolve(draft_left(), attempt=2)

    assert () == Ruling(steps_absent=("create",)).denied(next_try)
    assert ["B-1"] == [one.erp_id for one in Ruling(absent=True).denied(next_try)]


def test_denied_document_is_known_to_be_gone() -> None:
    """What was shown gone stays gone."""
    assert () == apply(Ruling(absent=True), draft_left()).living


def test_removal_that_happened_takes_its_document_away() -> None:
    """The call is answered, the document known to be gone."""
    known = apply(Ruling(happened={"withdraw create": "B-1"}), removal_in_doubt())

    assert Answer.RECEIPT is known.calls[-1].answer
    assert () == known.living


def test_removal_that_did_not_happen_leaves_its_document() -> None:
    """The draft is still there."""
    known = apply(Ruling(steps_absent=("withdraw create",)), removal_in_doubt())

    assert Answer.ABSENT is known.calls[-1].answer
    assert ["B-1"] == [held.receipt.erp_id for held in known.living]


def test_synced_document_was_not_removed() -> None:
    """Who says that it is there says that the removal did not happen."""
    known = apply(Ruling(synced={"": "B-1"}), removal_in_doubt())

    assert Answer.ABSENT is known.calls[-1].answer


def test_absence_of_everything_means_that_the_removal_happened() -> None:
    """The document is shown gone: whoever removed it."""
    known = apply(Ruling(absent=True), removal_in_doubt())

    assert Answer.RECEIPT is known.calls[-1].answer
    assert () == known.living


def test_settled_calls_keep_their_answers() -> None:
    """A ruling is no second answer."""
    known = apply(Ruling(absent=True), post_in_doubt())

    assert Answer.RECEIPT is known.calls[0].answer
    assert PLAN == known.plan


def _left_by_a_former_try(entry: QueueEntry) -> QueueEntry:
    former = attrs.evolve(created().holdings[0], key=attrs.evolve(entry.key("create"), attempt=9))
    return attrs.evolve(entry, holdings=(former,))


def test_document_of_another_try_answers_no_call() -> None:
    """What a former try made is no answer to the call in doubt."""
    entry = _left_by_a_former_try(unknown())

    assert not Ruling(synced={"": "B-1"}).settles_all(entry)
    assert not Ruling(happened={"create": "B-1"}).settles_all(entry)
    assert Ruling(synced={"": "B-2"}).settles_all(entry)


def test_document_of_another_try_settles_nothing_for_certain() -> None:
    """The answer is no, and not that nobody knows."""
    (held,) = created().holdings
    former = attrs.evolve(held, key=attrs.evolve(held.key, attempt=9))
    entry = attrs.evolve(unknown(), holdings=(former,))

    assert Ruling(synced={"": "B-1"}).settles_all(entry) is False


def test_document_of_another_try_stays_what_it_is() -> None:
    """Where nothing is in doubt it may be named: it is left there, and no receipt of this try."""
    entry = _left_by_a_former_try(failed())
    ruling = Ruling(synced={"": "B-1"})

    assert ruling.settles_all(entry)
    assert entry.holdings == apply(ruling, entry).holdings


def test_equal_rulings_are_one() -> None:
    """Rulings can be compared and kept in sets, whatever ids they name."""
    assert 1 == len({Ruling(synced={"": "B-1"}), Ruling(synced={"": "B-1"})})
    assert 1 == len({Ruling(happened={"post": "B-1"}), Ruling(happened={"post": "B-1"})})
