"""Checks of the declaration and the rules that follow from it, without an ERP."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ....adapters.settings import InvalidSettings, to_given_value, validate_settings
from ....declaration import (
    Declaration,
    Handling,
    Prerequisite,
    SettingKind,
    TaxForm,
    UnlinkForm,
    WithdrawForm,
)
from ....declaration.versions import is_known
from ....rules import Case, decide
from ....vocabulary import Action, Feature, InvoiceStatus, Level, Privilege, Support
from ...samples import ADMIN
from ..check import Check
from ..result import refute, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ....declaration import Setting
    from ....documents import Actor, ExportDocument
    from ..trial import Trial

#: Features that no invoice uses; they are about what is done afterwards.
_AFTERWARDS = frozenset({Feature.WITHDRAW, Feature.UNLINK})
#: The privileges of every approver, whatever the ERP declares.
_OF_APPROVERS = frozenset({Privilege.CAN_PUSH_TO_ACCOUNTING})
_ABSENT = frozenset({Support.IMPOSSIBLE, Support.MISSING})
#: A commitment status of no system.
_OTHER_STATUS = "Not a status"
_UNDECLARED_CURRENCIES = ("XOF", "XPF", "CLF")


@attrs.frozen
class _Refused:
    """
    An invoice that a line of the declaration must refuse.

    Attributes:
        line: The line of the declaration, such as ``zero``.
        document: The invoice.
        code: The code of the expected denial.
        facts: Facts of the case that differ from those of :func:`build_case`.
    """

    line: str
    document: ExportDocument
    code: str
    facts: Mapping[str, object] = attrs.Factory(dict)


def check_features_declared(trial: Trial) -> None:
    """The declaration has every feature: an invoice with an undeclared one is never exported."""
    declaration = trial.adapter.declaration
    for feature in Feature:
        if not is_known(f"features.{feature.value}: full", declaration.contract):
            continue
        require(
            declaration.support(feature) is not Support.UNDECLARED,
            "Every feature is declared.",
            f"{feature.value} is left out",
            f"features[Feature.{feature.name}]",
        )


def check_hooks_agree(trial: Trial) -> None:
    """A look-up or removal is declared exactly if its hook exists: lost answers rely on it."""
    adapter, declaration = trial.adapter, trial.adapter.declaration
    looks_up = any(terms.look_up.value != "none" for terms in declaration.terms.values())
    rows = (
        (looks_up, adapter.has_find, "a look-up", "terms[…].look_up and erp_find"),
        (
            declaration.withdraw is WithdrawForm.FULL,
            adapter.has_withdraw,
            "removal by the integration",
            "withdraw and erp_withdraw",
        ),
    )
    for declared, there, what, look_at in rows:
        require(
            declared == there,
            f"The declaration {'has' if declared else 'does not have'} {what}.",
            f"the hook is {'there' if there else 'absent'}",
            look_at,
        )
    if declaration.unlink is UnlinkForm.DELETE_FIRST:
        seen = "the hook is absent"
        require(adapter.has_read, "Unlinking needs deleted documents.", seen, "erp_read")


def build_case(trial: Trial, document: ExportDocument, **facts: object) -> Case:
    """Return the facts of an approved invoice that nothing but the declaration can refuse."""
    project = document.project_id
    actor = attrs.evolve(ADMIN, commitments={project: Level.ADMIN})
    given: dict[str, object] = {
        "invoice_status": InvoiceStatus.APPROVED,
        "holds": (),
        "taxed": False,
        "number_is_unique": True,
        "previous_is_known": True,
        "previous_agrees": True,
        "over_billed": False,
        "is_latest": True,
        "actor": actor,
        "erp": trial.adapter.declaration,
        "export_fields": {
            field.key: "2026-10-31" if field.is_date else "1"
            for field in trial.adapter.declaration.extra_fields
        },
    }
    return Case.of_document(document, **{**given, **facts})


def _list_codes(trial: Trial, document: ExportDocument, **facts: object) -> list[str]:
    verdict = decide(Action.SEND, build_case(trial, document, **facts))
    return [denial.code for denial in verdict.denials]


def _find_refused(trial: Trial) -> Iterator[_Refused]:
    """Yield one sample invoice for each line of the declaration that refuses invoices."""
    yield from _find_absent_features(trial)
    yield from _find_unusual(trial)
    declaration, plain = trial.adapter.declaration, trial.samples.build_plain()
    for prerequisite, (fact, code) in _NEEDED.items():
        if prerequisite in declaration.prerequisites:
            yield _Refused(f"prerequisites ({prerequisite.value})", plain, code, {fact: False})
    if declaration.currencies is not None:
        other = next(c for c in _UNDECLARED_CURRENCIES if c not in declaration.currencies)
        document = attrs.evolve(plain, currency=other)
        yield _Refused("currencies", document, "currency.unsupported")
    if declaration.commitment_statuses is not None:
        facts = {"commitment_status": _OTHER_STATUS}
        yield _Refused("commitment_statuses", plain, "commitment.status", facts)


def _find_absent_features(trial: Trial) -> Iterator[_Refused]:
    for feature in Feature:
        how = trial.adapter.declaration.support(feature)
        if how in _ABSENT and feature not in _AFTERWARDS:
            document = trial.samples.build_using(feature)
            code = f"feature.{feature.value}.{how.value}"
            yield _Refused(f"features[Feature.{feature.name}]", document, code)


def _find_unusual(trial: Trial) -> Iterator[_Refused]:
    declaration, samples = trial.adapter.declaration, trial.samples
    if declaration.zero is Handling.REFUSED:
        yield _Refused("zero", samples.build_plain(Decimal(0)), "invoice.zero")
    if declaration.negative is Handling.REFUSED:
        yield _Refused("negative", samples.build_plain(Decimal(-1200)), "invoice.negative")
    if declaration.release_only is Handling.REFUSED:
        released = samples.build([samples.build_line(released=Decimal(120))])
        yield _Refused("release_only", released, "invoice.release_only")
    if declaration.tax is TaxForm.IMPOSSIBLE:
        yield _Refused("tax", samples.build_plain(), "tax.unsupported", {"taxed": True})


_NEEDED = {
    Prerequisite.COMMITMENT: ("commitment_synced", "commitment.not_synced"),
    Prerequisite.VENDOR: ("vendor_synced", "vendor.not_synced"),
    Prerequisite.JOB: ("job_synced", "job.not_synced"),
    Prerequisite.COST_CODES: ("cost_codes_synced", "cost_code.not_synced"),
    Prerequisite.CHANGE_ORDERS: ("change_orders_synced", "change_order.not_synced"),
}


def check_rules_refuse(trial: Trial) -> None:
    """An invoice that the declaration rules out is refused at sending, before a payment is due."""
    for each in _find_refused(trial):
        codes = _list_codes(trial, each.document, **each.facts)
        declared, seen = f"{each.line} refuses the invoice.", codes or "it may be sent"
        require(each.code in codes, declared, seen, each.line)


def check_rules_allow(trial: Trial) -> None:
    """No line of the declaration refuses an invoice with supported features: it would be unpaid."""
    declaration: Declaration = trial.adapter.declaration
    for feature in sorted(declaration.supported - _AFTERWARDS, key=lambda each: each.value):
        document = trial.samples.build_using(feature)
        if document.gross == 0 and declaration.release_only is Handling.REFUSED:
            continue
        codes = _list_codes(trial, document)
        ours = [code for code in codes if code.startswith(("feature.", "currency."))]
        line = f"features[Feature.{feature.name}]"
        require(not ours, f"{feature.value} is full.", f"refused: {ours}", line)
    if declaration.tax is not TaxForm.IMPOSSIBLE:
        codes = _list_codes(trial, trial.samples.build_plain(), taxed=True)
        seen = "an invoice with tax is refused"
        require("tax.unsupported" not in codes, "tax is not impossible.", seen, "tax")


def check_privileges(trial: Trial) -> None:
    """A declared privilege is needed to accept, else people without it can have invoices paid."""
    case = build_case(trial, trial.samples.build_plain())
    declared = trial.adapter.declaration.privileges
    for privilege in declared - _OF_APPROVERS:
        verdict = decide(Action.ACCEPT, attrs.evolve(case, actor=_strip(privilege)))
        codes = [denial.code for denial in verdict.denials]
        require(
            "permission.accept" in codes,
            f"Accepting needs {privilege.value}.",
            codes or "an approver without it may accept",
            "privileges",
        )


def _strip(privilege: Privilege) -> Actor:
    return attrs.evolve(ADMIN, privileges=frozenset(Privilege) - {privilege})


def check_settings(trial: Trial) -> None:
    """A missing or malformed setting is refused by name, before a bill goes to a wrong account."""
    declared = trial.adapter.declaration.settings
    given = {name: to_given_value(value) for name, value in trial.connection.settings.items()}
    for setting in declared:
        for wrong in _list_wrong(setting):
            try:
                validate_settings(declared, {**given, setting.name: wrong}, "connections.x")
            except InvalidSettings:
                continue
            refute(
                f"Setting {setting.name} is {setting.kind.value}"
                f"{', required' if setting.required else ''}.",
                f"{wrong!r} is accepted",
                f"settings ({setting.name})",
            )


def _list_wrong(setting: Setting) -> tuple[object, ...]:
    """Return values that are not valid for a setting."""
    missing = (None,) if setting.required and setting.default is None else ()
    return (*missing, *_WRONG[setting.kind])


_WRONG: dict[SettingKind, tuple[object, ...]] = {
    SettingKind.TEXT: (7, {"a": "b"}),
    SettingKind.SECRET: (7, "short"),
    SettingKind.NUMBER: ("twelve", {"a": "b"}),
    SettingKind.CHOICE: ("not one of the choices",),
    SettingKind.MAPPING: ("text", {"a": 7}),
}


# fmt: off
CHECKS = (
    Check(
        name="declaration.every_feature", run=check_features_declared,
        lie="A feature is left out of the declaration.",
        words=("features.*: *",),
    ),
    Check(
        name="declaration.hooks", run=check_hooks_agree,
        lie="The adapter has a hook that it does not declare, or declares one that it lacks.",
        words=("terms.*.look_up: *", "withdraw: *", "unlink: *", "features.withdraw: *", "features.unlink: *"),
    ),
    Check(
        name="declaration.refuses", run=check_rules_refuse,
        lie="A capability is declared as absent in a way that refuses no invoice.",
        words=(
            "features.*: impossible", "features.*: missing", "zero: refused", "negative: refused",
            "release_only: refused", "tax: impossible", "prerequisites.*: *", "currencies.*: *",
            "commitment_statuses: *", "fidelity.*: refused",
        ),
    ),
    Check(
        name="declaration.allows", run=check_rules_allow,
        lie="A supported feature is refused by another line of the declaration.",
        words=("features.*: full", "tax: kept", "tax: derived"),
    ),
    Check(
        name="declaration.privileges", run=check_privileges, words=("privileges.*: *",),
        lie="A privilege is declared in a way that stops no approver who lacks it.",
    ),
    Check(
        name="declaration.settings", run=check_settings, words=("settings.*: *",),
        lie="A setting that is missing or of another kind is accepted.",
    ),
)
# fmt: on
