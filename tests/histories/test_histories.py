"""The histories that broke earlier drafts, each by its number, on every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.stores import MemoryStore, PostgresStore, SqliteStore, verify
from erp_invoice_core.testing.store_wrappers import Loss
from tests.postgres import empty_store, fresh_schema

from . import acceptance, unknown_outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from erp_invoice_core.stores import Store


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    """The URL of a PostgreSQL schema for this folder."""
    with fresh_schema() as url:
        yield url


def _sqlite(request: pytest.FixtureRequest) -> Store:
    folder: Path = request.getfixturevalue("tmp_path")
    return SqliteStore(folder / "erp.db")


def _postgres(request: pytest.FixtureRequest) -> Store:
    return empty_store(PostgresStore(request.getfixturevalue("dsn")))


_STORES: dict[str, Callable[[pytest.FixtureRequest], Store]] = {
    "memory": lambda _request: MemoryStore(),
    "sqlite": _sqlite,
    "postgres": _postgres,
}


@pytest.fixture(params=_STORES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Return each store in turn; in the end its events must lead to its entries."""
    kept = _STORES[request.param](request)
    yield kept
    assert () == verify(kept.chains()).problems
    if isinstance(kept, SqliteStore | PostgresStore):
        kept.close()


def test_history_01_late_receipt_leaves_the_second_call_in_doubt(store: Store) -> None:
    """Doubt is kept per call: the late answer of the first create does not settle the second."""
    unknown_outcomes.history_01(store)


def test_history_02_deferred_repeat_leaves_the_first_call_in_doubt(store: Store) -> None:
    """A deferral of the repeat settles the repeat alone."""
    unknown_outcomes.history_02(store)


def test_history_03_absence_counts_from_the_nominal_end_of_the_lease(store: Store) -> None:
    """A lease that is released early changes no settle moment."""
    unknown_outcomes.history_03(store)


def test_history_04_nothing_is_synced_without_an_acceptance(store: Store) -> None:
    """A document for an invoice that is only sent is a leftover, not booked."""
    acceptance.history_04(store)


def test_history_05_only_the_accepted_content_is_posted(store: Store) -> None:
    """A document of older content denies the retry until it is withdrawn."""
    acceptance.history_05(store)


def test_history_06_withdrawn_document_stays_gone(store: Store) -> None:
    """Late answers about a document that we removed are recorded and change no status."""
    acceptance.history_06(store)


def test_history_07_absence_is_resolved_after_the_settle_moment_only(store: Store) -> None:
    """An honest person who looks too early proves nothing."""
    unknown_outcomes.history_07(store)


def test_history_08_resolution_names_the_version_that_was_seen(store: Store) -> None:
    """A resolution for an outdated version is denied."""
    unknown_outcomes.history_08(store)


def test_history_09_withdrawal_is_a_durable_step(store: Store) -> None:
    """Until it is answered, or read back, retry, resolution and rejection are denied."""
    acceptance.history_09(store)


@pytest.mark.parametrize(
    "history",
    [acceptance.history_10, acceptance.history_10_withdrawn, acceptance.history_10_exporting],
)
def test_history_10_people_can_settle_it_without_the_adapter(
    history: acceptance.History, store: Store
) -> None:
    """Accepted, with a draft left, or during a call: people have an allowed action."""
    history(store)


def test_history_11_each_call_is_resolved(store: Store) -> None:
    """The draft exists, its posting did not happen: a worker posts it."""
    acceptance.history_11(store)


def test_history_12_every_step_needs_its_receipt(store: Store) -> None:
    """A draft that is not posted is not synced."""
    acceptance.history_12(store)


def test_history_13_disagreeing_match_decides_nothing(store: Store) -> None:
    """A document with an edited amount is neither ours nor absent: a person decides."""
    unknown_outcomes.history_13(store)


def test_history_14_document_without_our_key_is_not_adopted(store: Store) -> None:
    """A similar document proves nothing too early; beside ours it is one too many."""
    unknown_outcomes.history_14(store)


def test_history_15_number_is_held_while_its_document_lives(store: Store) -> None:
    """Neither sending nor the first write is allowed with a number that is taken in the ERP."""
    acceptance.history_15(store)


def test_history_16_left_document_denies_what_would_bypass_it(store: Store) -> None:
    """Rejecting and editing wait for the withdrawal; the new amount alone is booked."""
    acceptance.history_16(store)


def test_history_17_document_has_one_owner(store: Store) -> None:
    """The bill of another invoice is no evidence, however similar it is."""
    unknown_outcomes.history_17(store)


def test_history_18_evidence_is_always_taken(store: Store) -> None:
    """A receipt that comes after a rejection locks the invoice until it is withdrawn."""
    unknown_outcomes.history_18(store)


def test_history_22_version_that_was_seen_is_the_one_accepted(store: Store) -> None:
    """An approver cannot accept a version that was sent meanwhile."""
    acceptance.history_22(store)


@pytest.mark.parametrize("loss", Loss)
def test_history_23_lost_commit_is_looked_for_first(store: Store, loss: Loss) -> None:
    """Stored or not, the call is started once."""
    unknown_outcomes.history_23(store, loss)
