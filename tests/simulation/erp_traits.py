"""The traits of a fake ERP: its row of the promise table, and other differences of ERPs."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

import attrs

from erp_invoice_core.adapters import (
    Declaration,
    Feature,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Replay,
    RetainageForm,
    Role,
    Step,
    StepTerms,
    Support,
    UnlinkForm,
    WithdrawForm,
)
from erp_invoice_core.testing.fake_erp.ledger import Enforces, Rules

from .decisions import Decisions, menu

#: The role of the document that a kind of step makes; the other kinds make none.
ROLES = {"create": Role.BILL, "release": Role.RELEASE}
_SETTLES = timedelta(seconds=90)
_VISIBLE = timedelta(minutes=10)
_LIMIT = timedelta(seconds=30)
_PATIENT = timedelta(minutes=5)


class Row(Enum):
    """A row of the promise table."""

    ENFORCED = "enforced"  #: Never twice.
    FINITE = "finite"  #: Never twice as long as the ERP keeps to its declaration.
    NO_BOUND = "no bound"  #: Never twice by us; in doubt a person decides.


class Plan(Enum):
    """The steps of an export: each name is its kind, too."""

    CREATE = "create"
    POST = "create post"
    ATTACH = "create attach post"
    RELEASE = "create release post"

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps; ``create`` makes the bill and ``release`` a second document."""
        return tuple(Step(name, name, ROLES.get(name)) for name in self.value.split())


@attrs.frozen(kw_only=True)
class Traits:
    """
    How a fake ERP behaves.

    Attributes:
        is_bounded: A request handed over is carried out or dead within 90 seconds; else there is
            no bound.
        is_slow: It finds a document up to ten minutes after it wrote it.
        is_patient: Its calls may take five minutes, else half a minute.
        per_commitment: Its invoice numbers are unique per commitment, else per vendor.
        lies: It may break its own declaration.
    """

    enforces: Enforces = Enforces.KEY
    is_bounded: bool = True
    look_up: LookUp = LookUp.KEY
    replay: Replay = Replay.NONE
    plan: Plan = Plan.CREATE
    withdraw: WithdrawForm = WithdrawForm.FULL
    is_slow: bool = False
    is_patient: bool = False
    per_commitment: bool = False
    lies: bool = False

    @property
    def row(self) -> Row:
        """The row of the promise table."""
        if self.enforces is not Enforces.NOTHING:
            return Row.ENFORCED
        return Row.FINITE if self.is_bounded else Row.NO_BOUND

    @property
    def settles_within(self) -> timedelta | None:
        """The time within which a request that was handed over is carried out or dead."""
        return _SETTLES if self.is_bounded else None

    @property
    def visible_after(self) -> timedelta:
        """The time until a written document is found."""
        return _VISIBLE if self.is_slow else timedelta(0)

    @property
    def time_limit(self) -> timedelta:
        """The time that a call may take."""
        return _PATIENT if self.is_patient else _LIMIT

    @property
    def rules(self) -> Rules:
        """The rules of its ledger."""
        return Rules(
            enforces=self.enforces,
            replay=self.replay,
            per_commitment=self.per_commitment,
            look_up=self.look_up,
        )


def declare(key: str, traits: Traits, *, less: bool) -> Declaration:
    """Return the declaration of the fake; ``less``: without its bound and its replay."""
    terms = StepTerms(
        look_up=traits.look_up,
        visible_after=traits.visible_after,
        settles_within=None if less else traits.settles_within,
        replay=Replay.NONE if less else traits.replay,
        time_limit=traits.time_limit,
        compares_body=traits.enforces is Enforces.KEY,
        enforces_key=traits.enforces is not Enforces.NOTHING,
    )
    features = dict.fromkeys(Feature, Support.FULL)
    if traits.withdraw is WithdrawForm.IMPOSSIBLE:
        features[Feature.WITHDRAW] = Support.IMPOSSIBLE
    return Declaration(
        key=key,
        name="Simulated fake ERP",
        features=features,
        prerequisites=frozenset(),
        terms=dict.fromkeys(("create", "release", "attach", "post"), terms),
        negative=Handling.EXPORTED,
        release_only=Handling.EXPORTED,
        number_scope=NumberScope.COMMITMENT if traits.per_commitment else NumberScope.VENDOR,
        retainage=RetainageForm.NATIVE,
        withdraw=traits.withdraw,
        unlink=UnlinkForm.DELETE_FIRST,
        landing=LandingState.POSTED,
    )


_ENFORCES = menu((2, Enforces.KEY), (5, Enforces.NOTHING), (2, Enforces.NUMBER))
_BOUNDED = menu((3, True), (2, False))
_LOOK_UP = menu((5, LookUp.KEY), (4, LookUp.NUMBER), (2, LookUp.NONE))
_REPLAY = menu((3, Replay.NONE), (2, Replay.EVERYTHING), (1, Replay.SUCCESSES))
_PLAN = menu((3, Plan.CREATE), (4, Plan.POST), (2, Plan.ATTACH), (2, Plan.RELEASE))
_WITHDRAW = menu((5, WithdrawForm.FULL), (1, WithdrawForm.BY_HAND), (1, WithdrawForm.IMPOSSIBLE))
_SLOW = menu((2, False), (1, True))
_PATIENT_ONES = menu((4, False), (1, True))
_PER_COMMITMENT = menu((2, False), (1, True))
_LIES = menu((8, False), (1, True))


def draw_traits(decisions: Decisions) -> Traits:
    """Draw the traits of an ERP."""
    return Traits(
        enforces=decisions.choose(_ENFORCES),
        is_bounded=decisions.choose(_BOUNDED),
        look_up=decisions.choose(_LOOK_UP),
        replay=decisions.choose(_REPLAY),
        plan=decisions.choose(_PLAN),
        withdraw=decisions.choose(_WITHDRAW),
        is_slow=decisions.choose(_SLOW),
        is_patient=decisions.choose(_PATIENT_ONES),
        per_commitment=decisions.choose(_PER_COMMITMENT),
        lies=decisions.choose(_LIES),
    )
