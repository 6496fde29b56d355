"""Revalidation compares the acceptance with the current facts right before the first write."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.canonical import compute_digest
from erp_invoice_core.declaration import AttachmentForm, Declaration, Fidelity
from erp_invoice_core.documents import Attachment, compute_former_digest
from erp_invoice_core.flow import digest_losses, revalidate
from erp_invoice_core.flow.former_losses import digest_former_losses
from erp_invoice_core.flow.revalidate import find_changes_since_acceptance
from erp_invoice_core.rules import Policy

from .samples import DOCUMENT, ERP, FACTS, apply, build_case, build_declaration, build_exporting

if TYPE_CHECKING:
    from erp_invoice_core.documents import QueueEntry


def _codes(entry: QueueEntry, erp: Any = ERP, **facts: Any) -> list[str]:  # noqa: ANN401 - a declaration; facts
    case = build_case(entry, apply(1), erp=erp, **facts)
    return [denial.code for denial in find_changes_since_acceptance(entry, case, erp)]


def test_nothing_has_changed() -> None:
    """The same document, declaration and losses."""
    assert [] == _codes(build_exporting())


def test_an_entry_without_acceptance_has_no_changes() -> None:
    """There is nothing to compare with."""
    assert [] == _codes(attrs.evolve(build_exporting(), acceptance=None))


def test_another_document_stops_the_export() -> None:
    """The approver has seen other amounts; a case without a document says nothing of them."""
    assert "export.changed" in _codes(build_exporting(), document=attrs.evolve(DOCUMENT, number=2))
    assert "export.changed" not in _codes(build_exporting(), document=None)


def test_an_acceptance_of_version_0_3_is_compared_by_its_digests() -> None:
    """Its digests have format 1; another document, declaration or loss is noticed as before."""
    entry = build_exporting()
    assert entry.acceptance is not None
    assert entry.document is not None
    former = attrs.evolve(
        entry,
        acceptance=attrs.evolve(
            entry.acceptance,
            digest=compute_former_digest(entry.document),
            declaration=compute_former_digest(ERP),
            losses=compute_former_digest(()),
        ),
    )

    assert [] == _codes(former)
    assert ["export.changed"] == _codes(former, document=attrs.evolve(DOCUMENT, number=2))
    assert ["export.declaration_changed"] == _codes(former, build_declaration(settles=31))
    lossy = attrs.evolve(ERP, fidelity={"gross": Fidelity.ROUNDED})
    assert ["export.declaration_changed", "export.new_loss"] == (
        _codes(former, lossy, gross=Decimal("0.07"))
    )


def test_another_declaration_stops_the_export() -> None:
    """The ERP declares other features, unless its declaration supersedes the accepted one."""
    other = build_declaration(settles=31)
    superseding = build_declaration(settles=31, supersedes=(ERP.digest,))
    unsent = attrs.evolve(build_exporting(), document=None)

    assert ["export.declaration_changed"] == _codes(build_exporting(), other)
    assert [] == _codes(build_exporting(), superseding)
    assert [] == _codes(unsent, superseding, document=None)


@pytest.mark.parametrize("losses", ["other", compute_digest("other")], ids=["former", "current"])
def test_other_losses_stop_the_export(losses: str) -> None:
    """Something would be lost that the approver did not accept."""
    entry = build_exporting()
    assert entry.acceptance is not None
    other = attrs.evolve(entry, acceptance=attrs.evolve(entry.acceptance, losses=losses))

    assert ["export.new_loss"] == _codes(other)


@pytest.mark.parametrize(
    ("case", "expected"),
    [(None, "export.invoice_missing"), (attrs.evolve(FACTS, gross=None), None)],
)
def test_the_rules_decide_again(case: Any, expected: str | None) -> None:  # noqa: ANN401 - a case or none
    """An invoice that is gone is refused; the rules decide about one that is there."""
    verdict = revalidate(
        build_exporting(), case, at=apply(1), policy=Policy(), erp=ERP, has_content=False
    )
    codes = [denial.code for denial in verdict.denials]

    assert expected is None or [expected] == codes


def test_fields_are_those_of_the_acceptance() -> None:
    """An accepted entry whose facts are unchanged may be written; one without acceptance not."""
    given: dict[str, Any] = {
        "at": apply(1),
        "policy": Policy(),
        "erp": ERP,
        "has_content": False,
    }

    assert revalidate(build_exporting(), FACTS, **given).allowed
    assert not revalidate(attrs.evolve(build_exporting(), acceptance=None), FACTS, **given).allowed


FILED = attrs.evolve(
    DOCUMENT, attachments=(Attachment(id="9", filename="waiver.pdf", digest="ab" * 32),)
)
TAKES_FILES = build_declaration(attachments=AttachmentForm.FILES)


def _accept(erp: Declaration, *, has_content: bool = True) -> QueueEntry:
    """Return an entry whose invoice with a file was accepted for that ERP."""
    entry = attrs.evolve(build_exporting(), document=FILED)
    case = build_case(entry, apply(0), erp=erp, document=FILED, has_content=has_content)
    assert entry.acceptance is not None
    acceptance = attrs.evolve(
        entry.acceptance, declaration=erp.digest, losses=digest_losses(case, FILED)
    )
    return attrs.evolve(entry, acceptance=acceptance)


def test_files_that_a_superseded_declaration_did_not_take_are_no_new_loss() -> None:
    """The approver knew that the file stays here, and the new declaration would take it."""
    accepted = _accept(build_declaration(attachments=AttachmentForm.NONE))
    assert accepted.acceptance is not None
    superseding = attrs.evolve(TAKES_FILES, supersedes=(accepted.acceptance.declaration,))

    assert [] == _codes(accepted, superseding, document=FILED, has_content=True)
    assert ["export.declaration_changed", "export.new_loss"] == _codes(
        accepted, TAKES_FILES, document=FILED, has_content=True
    )


@pytest.mark.parametrize("version", [0, 1, 2])
def test_files_that_a_former_version_did_not_list_are_no_new_loss(version: int) -> None:
    """Versions 0.1 to 0.4 listed no loss of files for a declaration that takes none."""
    accepted = _accept(build_declaration(attachments=AttachmentForm.NONE))
    assert accepted.acceptance is not None
    superseding = attrs.evolve(TAKES_FILES, supersedes=(accepted.acceptance.declaration,))
    losses = digest_former_losses(())[version]
    former = attrs.evolve(accepted, acceptance=attrs.evolve(accepted.acceptance, losses=losses))

    assert [] == _codes(former, superseding, document=FILED)
    assert ["export.declaration_changed", "export.new_loss"] == _codes(
        former, TAKES_FILES, document=FILED
    )


@pytest.mark.parametrize("has_content", [True, False])
def test_files_whose_content_is_not_supplied_are_a_loss(has_content: bool) -> None:
    """The losses are those that were accepted as long as the host supplies the same content."""
    accepted = _accept(TAKES_FILES, has_content=has_content)
    case = attrs.evolve(FACTS, document=FILED)

    def find_codes(*, has_content: bool) -> list[str]:
        verdict = revalidate(
            accepted,
            case,
            at=apply(1),
            policy=Policy(),
            erp=TAKES_FILES,
            has_content=has_content,
        )
        return [denial.code for denial in verdict.denials]

    assert [] == find_codes(has_content=has_content)
    assert ["export.new_loss"] == find_codes(has_content=not has_content)
