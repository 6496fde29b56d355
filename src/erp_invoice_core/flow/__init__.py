"""What each move makes of an entry: pure functions, in the order in which an invoice walks."""

from .accept import accept, losses_digest, reject, retry
from .claim import claim, hand_back, postpone, refuse, watch, watched_once
from .doubt import conclusive_from, replayable
from .evidence import (
    Observation,
    apply_observation,
    apply_sighting,
    conclude_look_up,
    conclude_read_back,
    describe_find,
    find_digest,
    find_removed,
    find_step,
    has_number,
    is_as_sent,
    list_keys,
    matching_key,
)
from .export import record, request_of, start
from .facing import case_of_entry, facing
from .known import answered, holding_of, with_holding, with_receipt, withdrawn
from .lease import expire, release, renew
from .move import import_synced, moved, refused
from .next_step import (
    Adoption,
    BeforeWrite,
    can_prefetch,
    can_start_unasked,
    find_following_step,
    find_next_step,
    find_youngest_document,
    is_untouched,
    refuse_taken_number,
)
from .patience import PATIENCE, Patience
from .resolve import conclude, lose
from .restore import (
    RestoreCheck,
    ask_after_restore,
    compare_outcome,
    later_keys,
    look_up_counts_from,
    restore_check,
)
from .revalidate import (
    revalidate,
)
from .rule import rule
from .ruling import Ruling
from .send import retrieve, send
from .slot import slot_for, slot_of
from .testimony import (
    record_late_find,
    record_late_outcome,
    record_late_sighting,
    sight,
    sight_several,
    testify,
)
from .unlink import unlink
from .wait import Wait, WaitFor, find_wait
from .watching import is_resting, watched, watched_in_generation
from .withdraw import ask_withdrawal, record_withdrawal

__all__ = [
    "PATIENCE",
    "Adoption",
    "BeforeWrite",
    "Observation",
    "Patience",
    "RestoreCheck",
    "Ruling",
    "Wait",
    "WaitFor",
    "accept",
    "answered",
    "apply_observation",
    "apply_sighting",
    "ask_after_restore",
    "ask_withdrawal",
    "can_prefetch",
    "can_start_unasked",
    "case_of_entry",
    "claim",
    "compare_outcome",
    "conclude",
    "conclude_look_up",
    "conclude_read_back",
    "conclusive_from",
    "describe_find",
    "expire",
    "facing",
    "find_digest",
    "find_following_step",
    "find_next_step",
    "find_removed",
    "find_step",
    "find_wait",
    "find_youngest_document",
    "hand_back",
    "has_number",
    "holding_of",
    "import_synced",
    "is_as_sent",
    "is_resting",
    "is_untouched",
    "later_keys",
    "list_keys",
    "look_up_counts_from",
    "lose",
    "losses_digest",
    "matching_key",
    "moved",
    "postpone",
    "record",
    "record_late_find",
    "record_late_outcome",
    "record_late_sighting",
    "record_withdrawal",
    "refuse",
    "refuse_taken_number",
    "refused",
    "reject",
    "release",
    "renew",
    "replayable",
    "request_of",
    "restore_check",
    "retrieve",
    "retry",
    "revalidate",
    "rule",
    "send",
    "sight",
    "sight_several",
    "slot_for",
    "slot_of",
    "start",
    "testify",
    "unlink",
    "watch",
    "watched",
    "watched_in_generation",
    "watched_once",
    "with_holding",
    "with_receipt",
    "withdrawn",
]
