"""Remedies followed in a model: what each does to the facts of an invoice, and where it ends."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.documents import MappedId, MappingKind
from erp_invoice_core.rules import RULEBOOK, Case, Reaction, Rulebook, decide
from erp_invoice_core.vocabulary import Action, ExportStatus, Feature, InvoiceStatus, Privilege

from ..spec.allowed_cases import EVERYTHING, LEDGERLY, align_document, build_allowed_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.verdict import Remedy

_S = ExportStatus
#: Statuses in which an entry by hand is possible: no export can follow.
_OPEN = frozenset({_S.NOT_SENT, _S.RETRIEVED, _S.REJECTED})
_BOOKING = frozenset({Action.SEND, Action.RESEND, Action.ACCEPT, Action.RETRY})


class Wrong(AssertionError):
    """Following remedies led back, or to a second booking."""


@attrs.frozen(cache_hash=True)
class State:
    """
    The facts of an invoice, and the truth about it.

    Attributes:
        docs: How many documents of it the ERP has; in doubt the look-up decides.
        by_hand: A person entered it there.
    """

    case: Case
    docs: int = 0
    by_hand: bool = False

    def replace(self, **facts: Any) -> State:  # noqa: ANN401 - facts of the case
        """Return the state with other facts."""
        return attrs.evolve(self, case=attrs.evolve(self.case, **facts))


_NOTHING: dict[str, Any] = {
    "leased": False,
    "in_doubt": False,
    "withdrawing": False,
    "left": False,
    "left_is_accepted": True,
    "replayable": False,
}
_LEFT = {**_NOTHING, "left": True}
_MOVED: dict[Action, dict[str, Any]] = {
    Action.SEND: {"export_status": _S.READY, "acceptance_stands": False, "changes": ()},
    Action.RESEND: {"export_status": _S.READY, "acceptance_stands": False, "changes": ()},
    Action.RETRIEVE: {"export_status": _S.RETRIEVED},
    Action.ACCEPT: {"export_status": _S.ACCEPTED, "acceptance_stands": True},
    Action.REJECT: {"export_status": _S.REJECTED, "acceptance_stands": False},
    Action.RETRY: {"export_status": _S.ACCEPTED, "acceptance_stands": True},
    Action.UNLINK: {"export_status": _S.NOT_SENT, "acceptance_stands": False, **_NOTHING},
}
_WHO = attrs.evolve(EVERYTHING, privileges=frozenset(Privilege))
_LEGAL: dict[str, Any] = {
    "reason": "Wrong amount.",
    "evidence": "Read there.",
    "rules_absent": False,
    "settles_all": True,
    "denies_receipt": False,
    "actor": _WHO,
}
#: Facts that a company decides.
_ALLOWING: dict[str, Callable[[Case], dict[str, Any]]] = {
    "policy.allow_difference": lambda _: {"previous_may_differ": True},
    "policy.allow_summary": lambda _: {"summary_difference": Reaction.NOTICE},
    "policy.allow_renumber": lambda _: {"renumber": True},
    "policy.free_status": lambda case: {"free_erp_statuses": {case.erp_status}},
}
#: Other facts that become right with a fact.
_TOGETHER: dict[str, tuple[str, ...]] = {
    "gross": (
        *("gross", "retained", "released", "over_billed", "previous_agrees"),
        *("line_8_difference", "previous_is_known"),
    ),
    "previous_is_known": ("gross", "retained", "released", "previous_is_known", "previous_agrees"),
    "over_billed": ("over_billed",),
    "document": (
        *("document", "entry_id", "invoice_id", "invoice_number", "project_id", "currency"),
        *("gross", "retained", "released"),
    ),
    "invoice_number": ("number_is_unique", "slot_is_free"),
    "commitment_status": ("commitment_status", "commitment_deleted_on"),
    "billing_date": ("billing_date", "document"),
}


def _settle(state: State) -> Iterator[State]:
    """Yield the answers that a look-up or a resolution may give for a call in doubt."""
    if state.case.export_status is not _S.UNKNOWN:
        yield state.replace(in_doubt=False, withdrawing=False)
        return
    yield attrs.evolve(state, docs=1).replace(export_status=_S.SYNCED, complete=True, **_NOTHING)
    yield attrs.evolve(state, docs=1).replace(export_status=_S.FAILED, **_LEFT)
    yield attrs.evolve(state, docs=0).replace(export_status=_S.FAILED, **_NOTHING)
    if state.case.acceptance_stands:
        yield attrs.evolve(state, docs=1).replace(export_status=_S.ACCEPTED, **_LEFT)


def _wait_for_worker(state: State) -> Iterator[State]:
    """Yield the results of waiting for the worker."""
    case = state.case
    if case.withdrawing:
        yield attrs.evolve(state, docs=0).replace(export_status=_S.FAILED, **_NOTHING)
    elif case.export_status is _S.EXPORTING:
        unknown = {**_NOTHING, "in_doubt": True}
        yield attrs.evolve(state, docs=1).replace(
            export_status=_S.SYNCED, complete=True, **_NOTHING
        )
        yield attrs.evolve(state, docs=0).replace(export_status=_S.FAILED, **_NOTHING)
        yield attrs.evolve(state, docs=1).replace(export_status=_S.FAILED, **_LEFT)
        yield attrs.evolve(state, docs=0).replace(export_status=_S.ACCEPTED, **_NOTHING)
        yield state.replace(export_status=_S.UNKNOWN, **unknown)
    else:
        yield state.replace(leased=False)


def _try_action(remedy: Remedy, state: State) -> Iterator[State]:
    """Yield what an action leads to that is allowed now."""
    action = remedy.action
    assert action is not None
    if action is Action.WITHDRAW or remedy.code == "action.rule_gone":
        yield attrs.evolve(state, docs=0).replace(export_status=_S.FAILED, **_NOTHING)
    elif action is Action.RULE:
        yield from _settle(state)
    elif action in _MOVED:
        yield state.replace(**_MOVED[action])
    else:
        yield _correct(remedy, state)


def _make_lawful(fact: str, state: State) -> State:
    """Return the state in which a fact, and what goes with it, is as it should be."""
    right = build_allowed_case(Action.SEND)
    names = _TOGETHER.get(fact, (fact,))
    return state.replace(**{name: getattr(right, name) for name in names})


def _leave_out(state: State) -> State:
    case = state.case
    if case.document is not None:
        case = attrs.evolve(case, document=attrs.evolve(case.document, attachments=()))
    uses = (case.uses or frozenset()) - {Feature.RETAINAGE}
    left = attrs.evolve(case, retained=Decimal(0), uses=uses, attachments=0)
    return attrs.evolve(state, case=align_document(left))


def _allow(code: str, state: State) -> State:
    policy = attrs.evolve(state.case.policy, **_ALLOWING[code](state.case))
    return state.replace(policy=policy)


def _give_number(state: State) -> State:
    """Give a number for the ERP that is free there, and that its field rules take."""
    return _BY_FACT["fields"](state).replace(slot_is_free=True)


#: The effect of a remedy, by its code; then by the fact that it changes.
_BY_CODE: dict[str, Callable[[State], State]] = {
    "invoice.set_back": lambda state: state.replace(invoice_status=InvoiceStatus.DRAFT),
    "invoice.submit": lambda state: state.replace(invoice_status=InvoiceStatus.UNDER_REVIEW),
    "field.leave_out": _leave_out,
    "number.give": _give_number,
    "number.give_again": _give_number,
    "permission.another_person": lambda state: state.replace(sent_by="another"),
    **{code: partial(_allow, code) for code in _ALLOWING},
}
_BY_FACT: dict[str | None, Callable[[State], State]] = {
    None: lambda state: state,
    "fields": lambda state: state.replace(
        fields={"invoice_number": "A-7", "billing_date": "2026-10-31"}, erp_number=None
    ),
    "export_fields": lambda state: state.replace(export_fields={"accounting_date": "2026-10-31"}),
    "version_seen": lambda state: state.replace(version_seen=state.case.version),
    "left": lambda state: attrs.evolve(state, docs=0),
    "mapped": lambda state: state.replace(
        mapped=tuple(
            MappedId(kind=MappingKind.TAX_CODE, code=code, erp_id=code)
            for code in state.case.tax_codes or ()
        )
    ),
    "gone": lambda state: attrs.evolve(state, docs=0).replace(gone=True),
    "erp": lambda state: state.replace(erp=LEDGERLY),
    **{
        fact: partial(lambda fact, state: state.replace(**{fact: _LEGAL[fact]}), fact)
        for fact in ("actor", "reason", "evidence", "settles_all", "denies_receipt")
    },
}


def _correct(remedy: Remedy, state: State) -> State:
    """Return the state after what changes a fact of the invoice, or of what surrounds it."""
    if remedy.code in _BY_CODE:
        return _BY_CODE[remedy.code](state)
    if remedy.fact in _BY_FACT:
        return _BY_FACT[remedy.fact](state)
    assert remedy.fact is not None
    return _make_lawful(remedy.fact, state)


def _is_elsewhere(remedy: Remedy) -> bool:
    """True if it is no act on this invoice: another input of the act, another person or invoice."""
    others = {"permission.another_person", "invoice.unlink_other", "invoice.delete_later"}
    return (
        remedy.action is None
        or remedy.code in others
        or remedy.fact in {"export_fields", "erp_number", "actor", "settles_all", "denies_receipt"}
    )


@attrs.define
class RemedyFollower:
    """
    The search of remedy paths, and its results.

    Attributes:
        rulebook: The tables that decide.
        denied: How many denied states were followed.
        steps: How many remedies were done.
        allowed: How often following ended where the action is allowed, ``unremedied``: where no
            remedy is offered, ``by_hand``: where a person entered the invoice in the ERP.
    """

    rulebook: Rulebook = RULEBOOK
    denied: int = 0
    steps: int = 0
    allowed: int = 0
    unremedied: int = 0
    by_hand: int = 0
    _ends: dict[tuple[Action, State], frozenset[tuple[State, bool]]] = attrs.Factory(dict)
    _open: dict[tuple[Action, State], None] = attrs.Factory(dict)

    def follow(self, action: Action, state: State) -> frozenset[tuple[State, bool]]:
        """
        Return where all remedies lead, and whether the action is allowed there.

        Raises:
            Wrong: They lead back, or to a second booking.
        """
        key = (action, state)
        if key in self._open:
            way = " > ".join(
                f"{act.value} from {at.case.export_status}" for act, at in (*self._open, key)
            )
            raise Wrong(f"Remedies lead back: {way}")
        if key not in self._ends:
            self._open[key] = None
            self._ends[key] = frozenset(self._follow(action, state))
            del self._open[key]
        return self._ends[key]

    def _follow(self, action: Action, state: State) -> Iterator[tuple[State, bool]]:
        if state.by_hand:
            self.by_hand += 1
            yield state, False
            return
        denials = decide(action, state.case, self.rulebook).denials
        if not denials:
            self.allowed += 1
            self._require_one_booking(action, state)
            yield state, True
            return
        self.denied += 1
        if not all(denial.remedies for denial in denials):
            self.unremedied += 1
            yield state, False
            return
        for together in denials[0].remedies:
            for after in self._do_all(together, state):
                if after == state:
                    raise Wrong(f"{together[-1].code} changes nothing for {denials[0].code}")
                yield from self.follow(action, after)

    def _do_all(self, together: tuple[Remedy, ...], state: State) -> set[State]:
        """Return where doing all of the remedies leads; it ends where one cannot be done."""
        before, ended = {state}, set[State]()
        for remedy in together:
            after: set[State] = set()
            for one in before:
                for end, is_done in self._one(remedy, one):
                    (after if is_done else ended).add(end)
            before = after
        return before | ended

    def _one(self, remedy: Remedy, state: State) -> Iterator[tuple[State, bool]]:
        """Yield where one remedy leads, and whether it could be done."""
        self.steps += 1
        if remedy.code in {"wait.answer", "wait.look_up"}:
            waited = _wait_for_worker if remedy.code == "wait.answer" else _settle
            yield from ((after, True) for after in waited(state))
        elif remedy.code in {"erp.enter", "erp.correct"}:
            if remedy.code == "erp.enter":
                self._require_nothing_there(state)
            yield attrs.evolve(state, docs=1, by_hand=True), True
        elif _is_elsewhere(remedy):
            yield _correct(remedy, state), True
        else:
            yield from self._act(remedy, state)

    def _act(self, remedy: Remedy, state: State) -> Iterator[tuple[State, bool]]:
        """Yield the effects of a permitted person, who first follows remedies of denials."""
        assert remedy.action is not None
        given = state.replace(version_seen=state.case.version, **_LEGAL)
        for end, is_allowed in self.follow(remedy.action, given):
            if is_allowed:
                yield from ((after, True) for after in _try_action(remedy, end))
            else:
                yield end, False

    def _require_nothing_there(self, state: State) -> None:
        case = state.case
        is_safe = case.export_status in _OPEN and not case.left and not case.in_doubt
        if state.docs or not is_safe:
            raise Wrong(f"Entered by hand while an export may come: {case.export_status}")

    def _require_one_booking(self, action: Action, state: State) -> None:
        case = state.case
        goes_on = case.left and case.left_is_accepted
        if action in _BOOKING and state.docs and not goes_on:
            raise Wrong(f"{action.value} would book a second time, from {case.export_status}")
