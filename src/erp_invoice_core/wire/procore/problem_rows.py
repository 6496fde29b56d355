"""
The sentences of the problems and warnings of a load, one row each.

The problems are about files, records, contents of attachments, and metadata documents. Code and
facts determine the sentence: of several rows with one code, the one that fits the facts best is
taken. The sentences of problems that the classes of ``documents`` find are in a table of that
package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...documents import Problem
from ...documents.problem_rows import PROBLEMS
from ...message_template import MessageKind, MessageTemplate, fill_by_facts, group_by_code

if TYPE_CHECKING:
    from collections.abc import Mapping


def _row(code: str, text: str, **when: str) -> MessageTemplate:
    return MessageTemplate(code, text, kind=MessageKind.PROBLEM, when=when)


#: The templates of the problems and warnings of a load, by their code.
LOAD_PROBLEMS: Mapping[str, tuple[MessageTemplate, ...]] = group_by_code(
    (
        # code, sentence, the facts that choose it
        # files
        _row(
            "database.busy",
            "Another process has loaded into this database at the same time. Nothing was loaded. Load"
            " again.",
        ),
        _row(
            "file.empty",
            "This list is empty, and nothing is loaded from it. Leave the file out, or name one with"
            " records.",
        ),
        _row(
            "file.kind_ambiguous",
            "The records of this file fit several kinds. Load it as KIND=FILE, where KIND is one of"
            " these: {kinds}.",
        ),
        _row(
            "file.kind_differs",
            "This is a record of {kind}, but its file was loaded as {named}=FILE. Load it as"
            " {kind}=FILE.",
        ),
        _row(
            "file.kind_unknown",
            "The records of this file fit no known kind. Load it as KIND=FILE, where KIND is one of"
            " these: {kinds}.",
        ),
        _row("file.not_json", "Line {line}, column {column} is not JSON ({reason}). Correct it."),
        _row("file.not_json", "NaN and Infinity are not JSON. Write a number."),
        _row("file.not_utf8", "Byte {place} of the file is not UTF-8. Write the file in UTF-8."),
        _row(
            "file.too_deep",
            "The arrays and objects of the file are nested too deep. Nest them less.",
        ),
        _row("file.too_large", "The file is larger than {most} bytes. Load less at a time."),
        _row(
            "file.too_large",
            "The {count} files have more than {most} bytes together. Load fewer at a time.",
        ),
        _row("file.unreadable", "The file {file} cannot be read: {reason}. Name another one."),
        _row(
            "file.unreadable",
            "The file {file} cannot be read: {reason}. Name another file. If the text before the ="
            " is the kind, write one of {kinds}.",
        ),
        # values
        _row(
            "amount.digits",
            "Quantity {quantity} times price {price} has more than {most} digits. Give a smaller"
            " quantity or price.",
        ),
        _row("date.malformed", "Write a date as in 2026-10-31, not {value}."),
        _row(
            "id.duplicate", "Each field needs a key of its own: {key} is taken. Give another key."
        ),
        _row("id.duplicate", "Each record needs an id of its own: {id} is taken. Give another id."),
        _row(
            "id.malformed",
            "Give an id of at most {most} characters, none of them a control character, not {value}.",
        ),
        _row(
            "id.reserved", "The id {id} begins with {prefix}, which is reserved. Give another id."
        ),
        _row("key.duplicate", "The field {field} is there twice. Write it once."),
        _row("number.inexact", "The number {value} may lose digits. Write a decimal string."),
        _row(
            "number.malformed",
            "{value} is not a plain decimal. Write one with at most {before} digits before and"
            " {after} after the point, and without an exponent.",
        ),
        _row("number.range", "Give a whole number from {least}, not {value}."),
        _row("number.range", "Give a whole number up to {most}, not {value}."),
        _row("text.nul", "The text has NUL characters, which no ERP accepts. Remove them."),
        _row(
            "text.surrogate",
            "The text has half a surrogate pair, which is not a character. Write whole characters.",
        ),
        _row("text.too_long", "The text has more than {most} characters. Shorten it."),
        _row("value.blank", "Give a text that is not blank.", type="text"),
        _row("value.blank", "Give an id that is not blank.", type="id"),
        _row("value.missing", "The field {field} is required. Give it a value."),
        _row(
            "value.missing",
            "The company is missing. Also load a file with company and people.",
            missing="company",
        ),
        _row(
            "value.missing",
            "This item does not name what it bills. Name a line or a change order.",
            missing="line",
        ),
        _row(
            "value.missing",
            "This record does not say the type of the commitment. Load its file as"
            " work_order_contracts=FILE or as purchase_order_contracts=FILE.",
            missing="kind",
        ),
        _row(
            "value.missing",
            "This record names no contract. Load it together with the one contract to which it"
            " belongs.",
            missing="contract",
        ),
        _row(
            "value.missing",
            "This requisition has no items. Fetch it with view=extended.",
            missing="items",
        ),
        _row(
            "value.type",
            "The JSON of this file is neither an object nor an array. Write one of them at the top"
            " level.",
            type="file",
        ),
        _row("value.type", "Write a decimal string, not {value}.", type="decimal"),
        _row(
            "value.type",
            "A file of the kind document is one object, not an array. Write an object, or load the"
            " file as another kind.",
            type="document",
        ),
        _row("value.type", "Write a text, not {value}.", type="text"),
        _row("value.type", "Write an array, not {value}.", type="array"),
        _row("value.type", "Write an id, a text or an integer, not {value}.", type="id"),
        _row("value.type", "Write an object, not {value}.", type="object"),
        _row("value.type", "Write true or false, not {value}.", type="flag"),
        _row("value.unknown", "Use one of {choices}, not {value}."),
        # records
        _row(
            "change_order.not_approved",
            "Change order {number} is not approved. Bill approved ones only.",
        ),
        _row(
            "company.other",
            "The database is that of company {company}. Load files of this company only.",
        ),
        _row(
            "company.other",
            "These files are of the companies {companies}. Load those of one company.",
        ),
        _row(
            "currency.two",
            "This invoice is in {currency}, its commitment in {commitment_currency}. Bill in the"
            " currency of the commitment.",
        ),
        _row(
            "currency.two",
            "This item is in {currency}, its invoice in {invoice_currency}. Bill it in one currency.",
        ),
        _row(
            "invoice.no_period",
            "The requisition has no billing period, which many ERPs require. Give one.",
        ),
        _row(
            "payment.of_no_invoice",
            "The invoice that payment {payment} names is neither in these files nor loaded. Load"
            " this invoice as well, or correct the payment.",
        ),
        _row(
            "record.differs",
            "The {field} of change order {change_order} is {value} here and {other} in {file}."
            " Correct it in one of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "The {field} of change order {change_order} is {value} here and {other} in the other"
            " file. Correct it in one of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "The {field} of contract {contract} is {value} here and {other} in {file}. Correct it"
            " in one of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "The {field} of contract {contract} is {value} here and {other} in the other file."
            " Correct it in one of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "The {field} of line {line} is {value} here and {other} in {file}. Correct it in one"
            " of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "The {field} of line {line} is {value} here and {other} in the other file. Correct it"
            " in one of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "The type of {record} is not the same here and in {file}. Correct it in one of the"
            " files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "The type of {record} is not the same here and in the other file. Correct it in one"
            " of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "{record} is not the same here and in {file}; these fields differ: {fields}. Correct"
            " them in one of the files, or remove the record from one.",
        ),
        _row(
            "record.differs",
            "{record} is not the same here and in the other file; these fields differ: {fields}."
            " Correct them in one of the files, or remove the record from one.",
        ),
        _row(
            "reference.cycle",
            "The previous requisitions of this one lead back to it. Name an earlier requisition as"
            " its previous one.",
        ),
        _row(
            "reference.dangling",
            "Change order {change_order} is not in these files. Load it together with its lines.",
        ),
        _row(
            "reference.dangling",
            "Contract {contract} is neither in these files nor loaded. Load it first, or together"
            " with them.",
        ),
        _row(
            "reference.dangling",
            "The commitment has no {line} among its change order lines. Name one that it has.",
            among="change_order_lines",
        ),
        _row(
            "reference.dangling",
            "The commitment has no {line} among its change order packages. Name one that it has.",
            among="change_orders",
        ),
        _row(
            "reference.dangling",
            "The commitment has no {line} among its own lines. Name one that it has.",
            among="own_lines",
        ),
        _row(
            "reference.dangling",
            "The record with the id {id} is neither in these files nor loaded. Load this record as"
            " well, or correct the id.",
        ),
        _row(
            "reference.other_commitment",
            "The previous requisition {previous} is of commitment {other}, this one of {commitment}."
            " Name one of the same commitment.",
        ),
        _row(
            "reference.other_project",
            "The commitment of this invoice is in project {project}, and the invoice names another"
            " project. Write {project}, or correct the commitment.",
        ),
        _row(
            "reference.other_vendor",
            "This is an invoice of vendor {vendor}, its commitment {commitment} is with vendor"
            " {other}. Correct one of them.",
        ),
        _row(
            "reference.type",
            "Commitment {commitment} is of the type {type}, and this invoice names another type."
            " Write {type}, or correct the commitment.",
        ),
        _row(
            "tax.present",
            "The requisition has tax. It is not computed, and most ERPs refuse such an invoice. Check"
            " the tax, and whether your ERP takes it.",
        ),
        # figures that are compared
        _row(
            "billing.change_orders_differ",
            "The change order items add up to {computed}, the approved change orders to {stated}."
            " Compare the two sums.",
        ),
        _row(
            "billing.contract_sum_differs",
            "The contract items add up to {computed}, the lines of the commitment to {stated}."
            " Compare the two sums.",
        ),
        _row(
            "billing.not_compared",
            "{value} is not an exact decimal, so that this figure is not compared. Write a decimal"
            " string.",
        ),
        _row(
            "billing.total_differs",
            "The columns add up to {computed}, not {stated}. Compare the two.",
        ),
        _row(
            "billing.total_differs",
            "The columns give {computed_percent} percent, not {stated_percent}. Compare the two.",
        ),
        _row(
            "billing.total_differs",
            "The columns of the previous application add up to {computed}, not {stated}. Compare the"
            " two.",
            of="previous",
        ),
        _row(
            "billing.unit_differs",
            "Quantity times price is {computed}. The amount {stated} is used. Compare the two.",
        ),
        # attachments
        _row(
            "attachment.differs",
            "The content of {file} has the SHA-256 {digest}, the data says {stated}. The digest of"
            " the content is used. Check the file.",
        ),
        _row(
            "attachment.missing",
            "There is no file {file} in the directory of the attachments. Put it there.",
        ),
        _row("attachment.too_large", "{file} is larger than {most} bytes. Make it smaller."),
        _row(
            "attachment.unreadable",
            "The attachment {file} cannot be read, because it is a link that leads to no file."
            " Correct the link, then load the invoice again.",
        ),
        _row(
            "attachment.unreadable",
            "The attachment {file} cannot be read: {reason}. Make the file readable, then load the"
            " invoice again.",
        ),
        _row("files.busy", "Another process has locked {folder}. Load again later."),
        _row(
            "files.unwritable",
            "The directory {folder} cannot be written ({reason}). Remove the cause, or name another"
            " directory as files_dir in the settings.",
        ),
        # metadata documents
        _row("metadata.contradiction", "{why}"),
        _row(
            "metadata.cut",
            "A declaration cannot express {count} more parts of the metadata, which are not listed"
            " here. Look for them in the metadata document.",
        ),
        _row(
            "metadata.not_expressed",
            "A declaration cannot express this field. If the field matters for invoices, check it"
            " in the adapter.",
        ),
        _row(
            "metadata.not_expressed",
            "The metadata has several rules {validator} for the field {field}, and a declaration"
            " has only one. The strictest rule is used. Check that it is the right one.",
        ),
        _row("metadata.too_many", "There are more than {most} fields. Remove the others."),
    )
)


def list_rows(code: str) -> tuple[MessageTemplate, ...]:
    """Return the templates of a code, from the table here and from that of ``documents``."""
    return (*LOAD_PROBLEMS.get(code, ()), *PROBLEMS.get(code, ()))


def build_problem(path: str, code: str, /, **facts: object) -> Problem:
    """Return the problem or warning; code and facts choose its sentence."""
    return Problem(path, code, *fill_by_facts(list_rows(code), facts))
