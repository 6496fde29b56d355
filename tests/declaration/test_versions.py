"""An adapter is judged by the vocabulary of the contract version that it declares."""

from __future__ import annotations

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import declaration_check
from erp_invoice_core.adapters.adapter import Adapter, InvalidAdapter
from erp_invoice_core.declaration import Prerequisite, versions
from erp_invoice_core.rules import decide
from erp_invoice_core.testing.contract.words import list_assumed, list_words
from erp_invoice_core.vocabulary import Action, Privilege
from tests.spec.allowed_cases import build_allowed_case

#: Words of version 1, as if they were of version 2.
NEWER = (
    ("features.stored_materials: *", 2),
    ("prerequisites.job: *", 2),
    ("privileges.can_export: *", 2),
    ("terms.*.look_up: key", 2),
    ("zero: exported", 2),
    ("fidelity.terms: *", 2),
    ("field_rules.*.numeric: *", 2),
    ("settings.*: mapping", 2),
)


PLAIN = (erp.Feature.INVOICES, erp.Feature.UNIT_BASED, erp.Feature.STORED_MATERIALS)


class Small:
    """An adapter whose declaration a test chooses."""

    def __init__(self, declaration: erp.Declaration) -> None:
        """Keep the declaration."""
        self.declaration = declaration

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return it."""
        return self.declaration

    @erp.hookimpl
    def erp_write(self) -> erp.Outcome:
        """Answer nothing that is known."""
        return erp.Unknown("A test.")

    @erp.hookimpl
    def erp_find(self) -> erp.Sighting:
        """Answer nothing that is known."""
        return erp.CannotTell("A test.")


@pytest.fixture
def _at_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have version 2 of the contract, with some words of its own."""
    monkeypatch.setattr(versions, "SINCE", NEWER)
    monkeypatch.setattr(declaration_check, "CONTRACT", 2)


def declare(contract: int, **given: object) -> erp.Declaration:
    """Return a declaration of that contract version."""
    fields: dict[str, object] = {
        "features": dict.fromkeys(PLAIN, erp.Support.FULL),
        "privileges": {Privilege.CAN_EXPORT},
        **given,
    }
    return erp.Declaration(key="small", name="Small", contract=contract, **fields)  # type: ignore[arg-type] # a test names the fields


@pytest.mark.usefixtures("_at_two")
@pytest.mark.parametrize(("contract", "is_read"), [(1, False), (2, True), (3, True)])
def test_newer_word_reads_not_declared(contract: int, is_read: bool) -> None:
    """A feature, a prerequisite and a privilege are read from the version that has them on."""
    stated = declare(contract)

    support = erp.Support.FULL if is_read else erp.Support.UNDECLARED
    assert support is stated.support(erp.Feature.STORED_MATERIALS)
    assert is_read == (erp.Feature.STORED_MATERIALS in stated.supported)
    assert erp.Support.FULL is stated.support(erp.Feature.UNIT_BASED)
    assert is_read == (Prerequisite.JOB in stated.prerequisites)
    assert Prerequisite.VENDOR in stated.prerequisites
    assert is_read == (Privilege.CAN_EXPORT in stated.privileges)


@pytest.mark.usefixtures("_at_two")
def test_rules_refuse_what_only_a_newer_word_allows() -> None:
    """An invoice that uses the newer feature is refused for an adapter of version 1."""
    uses = frozenset({erp.Feature.STORED_MATERIALS})
    case = attrs.evolve(build_allowed_case(Action.SEND), uses=uses)
    older, newer = (
        [denial.code for denial in decide(Action.SEND, attrs.evolve(case, erp=each)).denials]
        for each in (declare(1), declare(2))
    )

    assert "feature.stored_materials.undeclared" in older
    assert "feature.stored_materials.undeclared" not in newer


@pytest.mark.usefixtures("_at_two")
def test_contract_asks_nothing_about_a_newer_word() -> None:
    """The words that are proved, and the fields that are assumed, are those of the version."""
    older, newer = declare(1), declare(2)
    shown = {word.path for word in list_words(older)}

    paths = {"features.stored_materials", "prerequisites.job", "privileges.can_export"}
    assert paths == {word.path for word in list_words(newer)} - shown
    assert {"terms"} == {*list_assumed(newer)} - {*list_assumed(older)}


VALUES: dict[str, dict[str, object]] = {
    "terms.bill.look_up: key": {"terms": {"bill": erp.StepTerms(look_up=erp.LookUp.KEY)}},
    "zero: exported": {"zero": erp.Handling.EXPORTED},
    "fidelity.terms: dropped": {"fidelity": {"terms": erp.Fidelity.DROPPED}},
    "field_rules.invoice_number.numeric: refuses": {
        "field_rules": (erp.FieldRule(field="invoice_number", validator=erp.Validator.NUMERIC),)
    },
    "settings.accounts: mapping": {
        "settings": (erp.Setting(name="accounts", kind=erp.SettingKind.MAPPING),)
    },
}


@pytest.mark.usefixtures("_at_two")
@pytest.mark.parametrize("word", VALUES)
def test_newer_value_is_refused_by_name(word: str) -> None:
    """A value that the declared version does not have cannot be read as another one."""
    with pytest.raises(InvalidAdapter) as refused:
        Adapter(Small(declare(1, **VALUES[word])))

    assert (
        f"It declares contract 1, which does not have {word}. Declare the contract version that"
        " has it, or another value."
    ) == str(refused.value)
    Adapter(Small(declare(2, **VALUES[word])))


@pytest.mark.parametrize(
    ("contract", "sentence"),
    [
        (
            2,
            (
                "It was written for contract 2; this version of erp-invoice-core supports contracts"
                " up to 1. Upgrade erp-invoice-core."
            ),
        ),
        (
            0,
            (
                "It was written for contract 0; the oldest one that this version of erp-invoice-core"
                " supports is 1. Upgrade the package of the adapter."
            ),
        ),
    ],
)
def test_other_contract_is_refused_with_what_to_upgrade(contract: int, sentence: str) -> None:
    """A contract that is newer than the library needs a newer library; no version is below 1."""
    with pytest.raises(InvalidAdapter) as refused:
        Adapter(Small(declare(contract)))

    assert sentence == str(refused.value)


@pytest.mark.usefixtures("_at_two")
def test_every_supported_contract_loads() -> None:
    """At version 2 an adapter of version 1 loads, and one of version 3 does not."""
    assert [1, 2] == [Adapter(Small(declare(each))).declaration.contract for each in (1, 2)]
    with pytest.raises(InvalidAdapter, match="contracts up to 2"):
        Adapter(Small(declare(3)))


def test_version_1_has_every_word_so_far() -> None:
    """Version 1 may still get words, so that no word is newer; each row names a version above 1."""
    assert () == tuple(row for row in versions.SINCE if row[1] < 2)
    assert 1 == versions.find_since("features.retainage: full")
