"""
The table of checks that decide about each word of a declaration.

A word is proved only if each of its decisive checks is proved.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .words import Word

# A word is proved only if each of its decisive checks is. The first row that fits counts. A row
# without checks is about what no answer of an ERP shows, so that such words are never proved.
# fmt: off
#: The decisive checks of words, by the pattern of the words.
DECISIVE_CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # word                                          decisive checks
    ("features.*: undeclared",                      ("declaration.every_feature",)),
    ("features.invoices: full",
     ("feature.invoices", "contents.as_sent", "contents.lines", "write.receipts", "combined.many")),
    ("features.subcontracts: full",                 ("feature.subcontracts",)),
    ("features.purchase_orders: full",              ("feature.purchase_orders",)),
    ("features.amount_based: full",                 ("feature.amount_based",)),
    ("features.unit_based: full",                   ("feature.unit_based",)),
    ("features.change_orders: full",                ("feature.change_orders",)),
    ("features.stored_materials: full",             ("feature.stored_materials",)),
    ("features.retainage: full",                    ("feature.retainage",)),
    ("features.retainage_release: full",            ("feature.retainage_release",)),
    ("features.withdraw: full",
     ("removal.gone", "removal.finished", "removal.every_stage", "removal.others", "fault.removal")),
    ("features.unlink: full",                       ("read.unknown_gone", "fault.reading")),
    ("features.withdraw: *",                        ("declaration.hooks",)),
    ("features.unlink: *",                          ("declaration.hooks",)),
    ("features.invoices: *",                        ("declaration.refuses", "feature.invoices")),
    ("features.subcontracts: *",                    ("declaration.refuses", "feature.subcontracts")),
    ("features.purchase_orders: *",                 ("declaration.refuses", "feature.purchase_orders")),
    ("features.amount_based: *",                    ("declaration.refuses", "feature.amount_based")),
    ("features.unit_based: *",                      ("declaration.refuses", "feature.unit_based")),
    ("features.change_orders: *",                   ("declaration.refuses", "feature.change_orders")),
    ("features.stored_materials: *",                ("declaration.refuses", "feature.stored_materials")),
    ("features.retainage: *",                       ("declaration.refuses", "feature.retainage")),
    ("features.retainage_release: *",               ("declaration.refuses", "feature.retainage_release")),
    ("zero: exported",                              ("amount.zero",)),
    ("zero: refused",                               ("declaration.refuses", "amount.zero")),
    ("negative: exported",                          ("amount.negative", "combined.kinds")),
    ("negative: refused",                           ("declaration.refuses", "amount.negative")),
    ("release_only: exported",                      ("amount.release_only",)),
    ("release_only: refused",                       ("declaration.refuses", "amount.release_only")),
    ("number_scope: *",                             ("number.scope",)),
    ("retainage: document",                         ("retainage.document", "feature.retainage")),
    ("retainage: *",                                ("feature.retainage",)),
    ("tax: impossible",                             ("declaration.refuses", "tax.refused")),
    ("tax: kept",                                   ("tax.by_code", "tax.codes")),
    ("tax: *",                                      ("tax.by_code",)),
    ("attachments: files",                          ("attachment.files", "attachment.contents")),
    ("attachments: *",                              ("attachment.none",)),
    ("withdraw: full",
     ("removal.gone", "removal.finished", "removal.every_stage", "removal.others", "fault.removal")),
    ("withdraw: *",                                 ("declaration.hooks",)),
    ("unlink: delete_first",                        ("read.unknown_gone", "fault.reading")),
    ("unlink: free",                                ()),
    ("unlink: *",                                   ("declaration.hooks",)),
    ("landing: *",                                  ("contents.landing", "contents.half_made")),
    ("prerequisites.*: not_needed",                 ("prerequisite.not_needed",)),
    ("prerequisites.*: needed",                     ("declaration.refuses", "prerequisite.needed")),
    ("privileges.*: *",                             ()),
    ("commitment_statuses: *",                      ()),
    ("currencies.any: accepted",                    ("currency.declared",)),
    ("currencies.*: accepted",                      ("currency.declared", "currency.other")),
    ("terms.*.look_up: key",
     ("look_up.found_after", "look_up.every_form", "fault.look_up", "look_up.key")),
    ("terms.*.look_up: number",
     ("look_up.found_after", "look_up.every_form", "fault.look_up", "look_up.number")),
    ("terms.*.look_up: none",                       ("declaration.hooks", "look_up.not_declared")),
    ("terms.*.visible_after: *",                    ("look_up.found_after",)),
    ("terms.*.settles_within: bounded",             ("fault.late_write",)),
    ("terms.*.settles_within: unbounded",           ()),
    ("terms.*.replay: none",                        ("write.not_repeated",)),
    ("terms.*.replay: *",                           ("write.key_once", "write.success_repeated")),
    ("terms.*.replay_for: *",                       ()),
    ("terms.*.compares_body: true",                 ("write.body_compared",)),
    ("terms.*.compares_body: false",                ("write.not_repeated",)),
    ("terms.*.enforces_key: true",                  ("write.key_once",)),
    ("terms.*.enforces_key: false",                 ("write.not_repeated",)),
    ("terms.*.time_limit: given",                   ("fault.time_limit", "fault.deadline", "write.deadline")),
    ("field_rules.invoice_number.max_length: *",    ("number.limit",)),
    ("field_rules.*: *",                            ("field.rules",)),
    ("extra_fields.accounting_date: *",             ("field.accounting_date", "field.required")),
    ("extra_fields.due_date: *",                    ("field.due_date", "field.required")),
    ("extra_fields.*: *",                           ("field.required",)),
    ("settings.*: secret",                          ("declaration.settings", "secret.repr", "secret.answers")),
    ("settings.*: *",                               ("declaration.settings",)),
    ("fidelity.invoice_number: truncated",          ("number.limit",)),
    ("fidelity.*: refused",                         ()),
    ("fidelity.tax: *",                             ("tax.by_code",)),
    ("fidelity.line_tax*: *",                       ("tax.by_code",)),
    ("fidelity.*: *",                               ("contents.fidelity",)),
)
# fmt: on


def list_decisive_checks(word: Word) -> tuple[str, ...]:
    """Return the names of the checks that decide about a word."""
    rows = (names for pattern, names in DECISIVE_CHECKS if fnmatchcase(str(word), pattern))
    return next(rows, ())
