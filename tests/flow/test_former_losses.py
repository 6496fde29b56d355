"""Acceptances that versions 0.1 to 0.4 stored stay valid; these versions computed the digests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import AttachmentForm, Fidelity, FieldRule, Validator
from erp_invoice_core.documents import Attachment, ExportDocument
from erp_invoice_core.flow.accept import list_former_losses
from erp_invoice_core.flow.former_losses import digest_former_losses
from erp_invoice_core.flow.revalidate import find_changes_since_acceptance
from erp_invoice_core.rules import Case
from erp_invoice_core.vocabulary import Feature

from .samples import DOCUMENT, ERP, apply, build_case, build_exporting

_ERP = attrs.evolve(
    ERP,
    attachments=AttachmentForm.FILES,
    fidelity={
        "retainage": Fidelity.DERIVED,
        "memo": Fidelity.DROPPED,
        "gross": Fidelity.ROUNDED,
        "change_orders": Fidelity.DROPPED,
        "note": Fidelity.TRUNCATED,
    },
    field_rules=(
        FieldRule(field="title", validator=Validator.MAX_LENGTH, limit=5, truncates=True),
    ),
)
_CASE = Case(
    erp=_ERP,
    gross=Decimal("120.5"),
    retained=Decimal(12),
    currency="USD",
    uses=frozenset({Feature.CHANGE_ORDERS}),
    fields={"memo": "for you", "title": "Works of May", "note": "n"},
    has_content=True,
)


def _attach(count: int) -> ExportDocument:
    """Return the sample with files: those at odd places have a url."""
    files = (
        Attachment(id=str(n), filename=f"file {n}.pdf", url="https://x/" if n % 2 else None)
        for n in range(count)
    )
    return attrs.evolve(DOCUMENT, attachments=tuple(files))


@pytest.mark.parametrize(
    ("facts", "document", "expected"),
    [
        (
            {},
            None,
            (
                "39b81a0f4f5c51618955ff9345b3de6ce8289b8f3e6b096017c55ec03e827085",
                "1073d9687fe3e6ddc2fdc9b344aa40a31e3445682d62515507238dc85c7a74c4",
                "2:4d579c24923164df208e4aecec4db8b146d5b8737aa500a29012b398580d9ece",
            ),
        ),
        (
            {},
            _attach(3),
            (
                "94c8e81c7c409ca7cbb2044d23245501284c7443b270a3c08d9bd2ed630998e2",
                "39dc92c54479ff52cedcd6183ab2a15f6ad3631c920cc23dec56c55e061167ee",
                "2:b2278bed47f24c9855bb10bc4d45b994057d9ff9ec9b3aafba2e905c8d91a5dd",
            ),
        ),
        (
            {},
            _attach(25),
            (
                "8be5734e5a0e12a563e15c2734e367b6e0c84ce2a6db34b3841bd42c3d4ac929",
                "a95e5ecb10b61ad1238ec21c6dfca6b02bcbf35a2cde8f0b099051d02fad4d33",
                "2:7d28862ffd85de950441c0bef7251e2ea187b3008f684297fe21a73fda329815",
            ),
        ),
        (
            {"has_content": False, "currency": None, "fields": None},
            None,
            (
                "93d0c5bd3ff5e4124f4ca5ccc5ab415b0307571e50abb0d52222d20e7b85fb03",
                "49c1023b4711810ad8ce136836200041cb01c9330e5caea194e78ca1ca9df9c1",
                "2:e85036d451439c809779b72d72ed7e4f66f2b3612ebaa888628831310078cfb4",
            ),
        ),
    ],
)
def test_digest_is_that_of_the_former_version(
    facts: dict[str, Any], document: ExportDocument | None, expected: tuple[str, str, str]
) -> None:
    """Fields with and without a value, and more attachments than a sentence lists."""
    losses = list_former_losses(attrs.evolve(_CASE, **facts), document)

    assert expected == digest_former_losses(losses)


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_former_acceptance_stays_valid(version: int) -> None:
    """The same losses are no change; other ones are."""
    entry = build_exporting()
    assert entry.acceptance is not None
    lossy = attrs.evolve(
        ERP, fidelity={"gross": Fidelity.ROUNDED}, supersedes=(entry.acceptance.declaration,)
    )
    case = build_case(entry, apply(1), erp=lossy)
    former = digest_former_losses(list_former_losses(case, entry.document))[version]
    accepted = attrs.evolve(entry, acceptance=attrs.evolve(entry.acceptance, losses=former))
    more = attrs.evolve(case, gross=Decimal("0.07"))

    def find_codes(changed: Case) -> list[str]:
        return [each.code for each in find_changes_since_acceptance(accepted, changed, lossy)]

    assert [] == find_codes(case)
    assert ["export.new_loss"] == find_codes(more)
