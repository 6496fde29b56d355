"""Every change of an entry is a row of the state table."""

from __future__ import annotations

from itertools import product

import attrs
import pytest

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.flow import apply_transition
from erp_invoice_core.flow.change import EntryChanges
from erp_invoice_core.rules import list_targets
from erp_invoice_core.rules.state_table import (
    INVOICE_ACTIONS,
    UndefinedTransition,
    find_next_status,
)
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import apply

_DERIVED = {"id", "status", "version", "seq"}


def test_only_rows_of_the_table_are_applied() -> None:
    """Each triple outside the table raises, and each triple inside it leads to its target."""
    for action, source, target in product(Action, ExportStatus, ExportStatus):
        entry = QueueEntry(id="5000", status=source)
        if action not in INVOICE_ACTIONS and target in list_targets(action, source):
            change = apply_transition(action, entry, at=apply(1), actor="ann", to=target)
            assert target is change.after.status
        else:
            with pytest.raises(UndefinedTransition, match=action.value):
                apply_transition(action, entry, at=apply(1), actor="ann", to=target)


def test_several_targets_need_a_choice() -> None:
    """The table alone does not say to which status a resolution leads."""
    with pytest.raises(UndefinedTransition, match="synced, accepted, failed"):
        find_next_status(Action.RULE, ExportStatus.UNKNOWN)


def test_changes_name_the_fields_of_an_entry() -> None:
    """Every field can be changed, except those that follow from the change itself."""
    fields = {field.name for field in attrs.fields(QueueEntry)}

    assert fields - _DERIVED == set(EntryChanges.__annotations__)
