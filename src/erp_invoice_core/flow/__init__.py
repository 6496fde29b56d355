"""What each move makes of an entry: pure functions, in the order in which an invoice walks."""

from .accept import accept, losses_digest, reject, retry
from .claim import claim, hand_back, postpone, refuse, watch, watched_once
from .doubt import conclusive_from, replayable
from .export import record, request_of, start
from .facing import case_of_entry, facing
from .known import answered, holding_of, with_holding, with_receipt, withdrawn
from .lease import expire, release, renew
from .move import import_synced, moved, refused
from .patience import PATIENCE, Patience
from .resolve import conclude, lose
from .restore import (
    RestoreCheck,
    ask_after_restore,
    later_keys,
    look_up_counts_from,
    restore_check,
)
from .rule import rule
from .ruling import Ruling
from .send import retrieve, send
from .slot import slot_for, slot_of
from .testimony import sight, sight_several, testify
from .unlink import unlink
from .wait import Wait, WaitFor, find_wait
from .watching import is_resting, watched, watched_in_generation
from .withdraw import ask_withdrawal, record_withdrawal

__all__ = [
    "PATIENCE",
    "Patience",
    "RestoreCheck",
    "Ruling",
    "Wait",
    "WaitFor",
    "accept",
    "answered",
    "ask_after_restore",
    "ask_withdrawal",
    "case_of_entry",
    "claim",
    "conclude",
    "conclusive_from",
    "expire",
    "facing",
    "find_wait",
    "hand_back",
    "holding_of",
    "import_synced",
    "is_resting",
    "later_keys",
    "look_up_counts_from",
    "lose",
    "losses_digest",
    "moved",
    "postpone",
    "record",
    "record_withdrawal",
    "refuse",
    "refused",
    "reject",
    "release",
    "renew",
    "replayable",
    "request_of",
    "restore_check",
    "retrieve",
    "retry",
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
