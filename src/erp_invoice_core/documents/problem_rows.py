"""
The sentences of validation problems of documents, one row each.

Code and facts determine the sentence: of several rows with one code, the one with places for the
facts is taken. The reader of files has another table, for problems of files and records that are
found before a document exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message_template import MessageKind, MessageTemplate, group_by_code

if TYPE_CHECKING:
    from collections.abc import Mapping


def _row(code: str, text: str) -> MessageTemplate:
    return MessageTemplate(code, text, kind=MessageKind.PROBLEM)


#: The templates of the problems of documents, by their code.
PROBLEMS: Mapping[str, tuple[MessageTemplate, ...]] = group_by_code(
    (
        # code, sentence
        _row(
            "amount.digits",
            "{value} has more decimal places than {currency} allows. Round it to {rounded}.",
        ),
        _row(
            "amount.digits", "The amount has {digits} digits before the point. Give at most {most}."
        ),
        _row(
            "amount.digits", "The amount has {places} digits after the point. Give at most {most}."
        ),
        _row("amount.not_exact", "A {type} is not exact. Give a Decimal."),
        _row("amount.not_finite", "{value} is not a finite amount. Give one."),
        _row("currency.unknown", "{value} is not a currency of ISO 4217. Give one, as USD."),
        _row("id.duplicate", "Item {item} occurs twice. Keep one of them."),
        _row("id.duplicate", "Line {line} occurs twice. Keep one of them."),
        _row("number.range", "The number is {number}. Number invoices from {least}."),
        _row("number.range", "The number is not one from {least} to {most}. Give one of them."),
        _row("percent.range", "{value} is not a percentage. Give one from {least} to {most}."),
        _row(
            "period.order",
            "The period ends on {end}, before its start on {start}. Correct one of the dates.",
        ),
        _row(
            "person.reserved",
            "The id {id} of a person begins with {prefix}, which is reserved. Give another id.",
        ),
        _row(
            "reference.itself",
            "Invoice {invoice} names itself as the previous one. Name another invoice.",
        ),
        _row("value.blank", "Give a value that is not blank."),
        _row("value.not_text", "A {type} is not text. Give a text."),
        _row("value.type", "{owner}.{field} is of the type {type}. Give {wanted}."),
    )
)
