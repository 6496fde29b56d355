"""The quirks of one fake ERP: its behaviour, its rules and its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from ...declaration import LandingState
from ...documents import AccountingPeriod, Step, normalize_number
from ...vocabulary import Role
from .ledger import Refusal, build_content, is_same_number
from .quirks import QUIRKS, Quirk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...declaration import Declaration
    from ...documents import ExportDocument, Receipt
    from ...exchange import ExportRequest
    from .ledger import ErpDocument, Rules
    from .quirks import QuirkRow

#: The quirks of which a fake can have one at most.
_EITHER: Final = (
    frozenset({Quirk.TRUNCATES_NUMBER, Quirk.LIMITS_NUMBER}),
    frozenset({Quirk.UNIQUE_PER_VENDOR, Quirk.UNIQUE_PER_COMMITMENT}),
    frozenset({Quirk.LEAVES_DRAFT, Quirk.LEAVES_ON_HOLD, Quirk.FILE_DROP}),
    frozenset(
        {
            Quirk.RETAINAGE_LINE,
            Quirk.RETAINAGE_DOCUMENT,
            Quirk.DROPS_RELEASES,
            Quirk.RELEASES_ITSELF,
        }
    ),
    # A file is answered without an id of the ERP, and its bill cannot be looked up.
    frozenset({Quirk.FILE_DROP, Quirk.ANSWERS_WITHOUT_ID}),
    frozenset({Quirk.FILE_DROP, Quirk.FINDS_CONTAINING}),
    frozenset({Quirk.CLOSED_UNTIL, Quirk.MOVES_DATE}),
)
#: A line of nothing.
_NO_LINE: Final = {"cost_code": None, "quantity": None, "description": None}
_UNIQUE: Final = frozenset({Quirk.UNIQUE_PER_VENDOR, Quirk.UNIQUE_PER_COMMITMENT})
_UNPOSTED: Final = frozenset({Quirk.LEAVES_DRAFT, Quirk.LEAVES_ON_HOLD, Quirk.FILE_DROP})
#: The quirks of posting, which a fake that posts nothing cannot have.
_POSTED: Final = frozenset({quirk for quirk, row in QUIRKS.items() if row.post is not None})


def _freeze(figures: Mapping[Quirk, int]) -> Mapping[Quirk, int]:
    return MappingProxyType({Quirk(name): figures[name] for name in figures})


@attrs.frozen
class QuirkSet:
    """
    The quirks of a fake ERP, each with its figure: the 2 of ``rounds=2``, or 0 without a figure.

    Raises:
        ValueError: Two of the quirks contradict each other, or one needs another one.
    """

    figures: Mapping[Quirk, int] = attrs.field(
        factory=dict, converter=_freeze, hash=False, validator=lambda set_, *_: set_.check()
    )

    @classmethod
    def of(cls, *quirks: Quirk) -> QuirkSet:
        """Return a set of the quirks, each with its usual figure."""
        return cls({quirk: QUIRKS[quirk].figure or 0 for quirk in quirks})

    @classmethod
    def parse(cls, texts: Iterable[str]) -> QuirkSet:
        """
        Return the quirks of texts like ``refuses_zero`` and ``rounds=2``.

        Raises:
            ValueError: A quirk is not known, or its figure is not a whole number.
        """
        return cls(dict(map(_parse, texts)))

    def check(self) -> None:
        """Raise a ``ValueError`` if quirks contradict each other, or one needs another one."""
        here = frozenset(self.figures)
        for group in _EITHER:
            if len(both := sorted(group & here)) > 1:
                raise ValueError(f"The quirks {' and '.join(both)} contradict each other.")
        if Quirk.KEEPS_DELETED_NUMBERS in here and not here & _UNIQUE:
            raise ValueError(
                f"The quirk keeps_deleted_numbers needs {' or '.join(sorted(_UNIQUE))}."
            )
        if here & _UNPOSTED and here & _POSTED:
            one, other = min(here & _UNPOSTED), min(here & _POSTED)
            raise ValueError(f"The quirk {other} needs postings, and {one} makes no posting.")

    def list_texts(self) -> list[str]:
        """Return the quirks as texts that :meth:`parse` reads."""
        return [
            quirk if QUIRKS[quirk].figure is None else f"{quirk}={figure}"
            for quirk, figure in self.figures.items()
        ]

    def __contains__(self, quirk: object) -> bool:
        return quirk in self.figures

    def find(self, quirk: Quirk) -> int | None:
        """
        Return the number that a quirk was given, such as the most characters of an invoice number.

        0 for a quirk that needs no number; ``None`` if the fake ERP does not have the quirk.
        """
        return self.figures.get(quirk)

    def require_no_http(self) -> None:
        """Raise a ``ValueError`` if a quirk needs the fake over HTTP."""
        for quirk in self.figures:
            if QUIRKS[quirk].needs_http:
                raise ValueError(f"The quirk {quirk} needs the fake over HTTP.")

    def _rows(self) -> Iterator[tuple[QuirkRow, int]]:
        """Yield the rows of these quirks with their figures, in the order of the table."""
        return ((row, self.figures[name]) for name, row in QUIRKS.items() if name in self.figures)

    # ── the ERP ─────────────────────────────────────────────────────────────────────────────────

    @property
    def forgets_after(self) -> float | None:
        """Seconds after which a key is forgotten; ``None``: never."""
        milliseconds = self.find(Quirk.FORGETS_KEYS)
        return None if milliseconds is None else milliseconds / 1000

    def store(self, content: ErpDocument) -> ErpDocument | Refusal:
        """Return a new document as the fake stores it, or why it refuses it."""
        for row, figure in self._rows():
            refusal = row.refuse(content, figure) if row.refuse else None
            if refusal is not None:
                return refusal
        for row, figure in self._rows():
            content = row.store(content, figure) if row.store else content
        return content

    def act(
        self, kind: str, document: ErpDocument, others: Iterable[ErpDocument]
    ) -> Refusal | None:
        """Change a document as the quirks of posting do, or return why a quirk refuses it."""
        for row, figure in self._rows():
            refusal = row.post(document, others, figure) if row.post and kind == "post" else None
            if refusal is not None:
                return refusal
        return None

    def is_number_alike(self, there: str, asked: str) -> bool:
        """Return whether a look-up for a number finds a document with that number."""
        if Quirk.FINDS_CONTAINING in self:
            return normalize_number(asked).casefold() in normalize_number(there).casefold()
        return is_same_number(there, asked)

    def interrupts(self, documents: Mapping[str, ErpDocument], before: int) -> bool:
        """
        Return whether a quirk makes the fake crash after a request that made a document.

        If so, remove the lines of that document, which is then half made.

        Args:
            documents: The documents of the ledger by id, the newest last.
            before: The number of documents before the request.
        """
        every = self.find(Quirk.HALF_MADE)
        if not every or len(documents) == before or len(documents) % every:
            return False
        documents[list(documents)[-1]].lines = []
        return True

    def build_rules(self, rules: Rules) -> Rules:
        """Return the rules as the quirks change them."""
        for row, figure in self._rows():
            rules = row.rule(rules, figure) if row.rule else rules
        return rules

    # ── its adapter ─────────────────────────────────────────────────────────────────────────────

    def declare(self, declaration: Declaration) -> Declaration:
        """Return the declaration as the quirks change it."""
        for row, figure in self._rows():
            declaration = row.declare(declaration, figure) if row.declare else declaration
        return declaration

    def plan(self, request: ExportRequest, declaration: Declaration) -> tuple[Step, ...]:
        """
        Return the steps of an export: the creation of each document, then the posting of each.

        There are no postings if a quirk leaves documents unposted.
        """
        made = [step for step, is_made in self._list_documents(request.document) if is_made]
        if declaration.landing is not LandingState.POSTED:
            return tuple(made)
        names = {"create": "post", "release": "post release"}
        return (*made, *(Step(names[step.name], "post") for step in made))

    def _list_documents(self, document: ExportDocument) -> Iterator[tuple[Step, bool]]:
        """Yield each step that makes a document, and whether this invoice needs that document."""
        splits = Quirk.RETAINAGE_DOCUMENT in self and (document.retained or document.released)
        due = document.gross if splits else document.due
        yield (
            Step("create", "create", Role.CREDIT if due < 0 else Role.BILL),
            not splits or bool(document.gross),
        )
        yield Step("release", "release", Role.RELEASE), bool(splits)

    def build_content(self, request: ExportRequest, step: Step) -> ErpDocument:
        """Return the content of a step, as the adapter sends it."""
        content = build_content(request, step)
        document = request.document
        if step.kind == "release":
            amount = str(document.released - document.retained)
            # Without a bill this document has the lines too, which bill nothing.
            whole = build_content(request, attrs.evolve(step, role=Role.BILL))
            lines = [] if document.gross else whole.lines or []
            return attrs.evolve(
                content,
                amount=amount,
                currency=document.currency,
                gross="0",
                retained=str(document.retained),
                released=str(document.released),
                lines=[*lines, {**_NO_LINE, "amount": amount}],
            )
        if Quirk.RETAINAGE_DOCUMENT in self:
            content = attrs.evolve(content, amount=str(document.gross), retained="0", released="0")
        return attrs.evolve(content, stored=[str(line.stored) for line in document.lines])

    def list_periods(self) -> tuple[AccountingPeriod, ...]:
        """Return the accounting periods of the fake: a closed one, if any, and the open one."""
        figure = self.find(Quirk.CLOSED_UNTIL)
        if figure is None:
            return (AccountingPeriod(name="open", first_day=None, last_day=None, is_open=True),)
        last_day = date.fromisoformat(str(figure))
        return (
            AccountingPeriod(
                name=f"until {last_day}", first_day=None, last_day=last_day, is_open=False
            ),
            AccountingPeriod(
                name=f"after {last_day}",
                first_day=last_day + timedelta(days=1),
                last_day=None,
                is_open=True,
            ),
        )

    def build_query(self, request: ExportRequest, step: Step) -> ErpDocument:
        """Return the content by which the adapter looks a step up, as the fake has stored it."""
        stored = self.store(self.build_content(request, step))
        return self.build_content(request, step) if isinstance(stored, Refusal) else stored

    def choose_found(self, found: list[ErpDocument], asked: ErpDocument) -> list[ErpDocument]:
        """
        Return the found documents without those that have another number.

        Only a fake with the quirk ``finds_containing`` finds documents with another number.
        """
        if Quirk.FINDS_CONTAINING not in self:
            return found
        return [each for each in found if is_same_number(each.number, asked.number)]

    def show(self, document: ErpDocument) -> ErpDocument:
        """Return a stored document as the adapter reads it."""
        for row, figure in self._rows():
            document = row.show(document, figure) if row.show else document
        return document


def _parse(text: str) -> tuple[Quirk, int]:
    name, equals, figure = text.partition("=")
    if name not in set(Quirk):
        raise ValueError(f"There is no quirk {name!r}. The quirks are: {', '.join(Quirk)}.")
    quirk = Quirk(name)
    usual = QUIRKS[quirk].figure
    if not equals:
        return quirk, usual or 0
    if usual is None:
        raise ValueError(f"The quirk {name} has no figure. Leave {figure!r} out.")
    if not figure.isdecimal():
        raise ValueError(f"The figure of the quirk {name} is {figure!r}. Give a whole number.")
    return quirk, int(figure)


def find_posted(step: Step, receipts: tuple[Receipt, ...]) -> str | None:
    """Return the id of the document that a step posts, from the receipt of its creation."""
    made = "release" if step.name == "post release" else "create"
    return next((each.erp_id for each in receipts if each.step == made), None)


_NOT_OF_FILES: Final = frozenset({"erp_find", "erp_read", "erp_withdraw", "erp_payments"})


def list_absent_hooks(quirks: QuirkSet) -> frozenset[str]:
    """Return the hooks that the adapter of a fake with these quirks does not have."""
    absent = _NOT_OF_FILES if Quirk.FILE_DROP in quirks else frozenset()
    return absent if Quirk.SHOWS_PERIODS in quirks else absent | {"erp_periods"}


#: No quirks.
PLAIN: Final = QuirkSet()
