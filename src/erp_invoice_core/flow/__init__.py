"""
Flow: the change that each action makes to a queue entry.

Each action has a function here, which returns the change and stores nothing. If the rules deny the
action, the change only adds an event with the denials, and the entry keeps its status.
"""

from .accept import accept, digest_losses, preview_acceptance, reject, retry
from .case import add_entry_facts, build_entry_case
from .change import apply_transition, record_denial
from .claim import claim, claim_again, expire, release, renew
from .conclude import conclude, defer, lose, refuse
from .evidence import (
    Observation,
    apply_observation,
    apply_sighting,
    conclude_look_up,
    conclude_read_back,
    describe_find,
    find_digest,
    find_matching_key,
    find_removed,
    find_step,
    has_number,
    is_as_sent,
    list_keys,
)
from .export import build_request, has_same_request, record, renew_request, start
from .knowledge import (
    add_holding,
    add_receipt,
    build_holding,
    can_repeat,
    find_settle_time,
    mark_gone,
    record_answer,
)
from .late_evidence import (
    record_late_answer,
    record_late_find,
    record_late_outcome,
    record_late_sighting,
    sight,
    sight_several,
)
from .link import import_synced, unlink
from .look_up import count_watch, postpone, watch
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
from .number_slot import find_document_slot, find_slot
from .payments import (
    describe_payment,
    find_payment_state,
    format_exactly,
    join_payment_states,
    list_payment_remarks,
    sum_payments,
)
from .read_back import judge_read_back, list_read_back
from .resolve import Resolution, resolve
from .restore import (
    RestoreCheck,
    ask_after_refusal,
    ask_after_restore,
    choose_restore_check,
    compare_outcome,
    find_restore_settle_time,
    list_later_keys,
)
from .retry_policy import DEFAULT_RETRY_POLICY, RetryPolicy
from .revalidate import revalidate
from .send import retrieve, send
from .wait import Wait, WaitFor, build_unreadable_wait, find_wait
from .watch import find_watched_calls, find_watched_in_generation, is_resting
from .withdraw import ask_withdrawal, record_withdrawal

__all__ = [
    "DEFAULT_RETRY_POLICY",
    "Adoption",
    "BeforeWrite",
    "Observation",
    "Resolution",
    "RestoreCheck",
    "RetryPolicy",
    "Wait",
    "WaitFor",
    "accept",
    "add_entry_facts",
    "add_holding",
    "add_receipt",
    "apply_observation",
    "apply_sighting",
    "apply_transition",
    "ask_after_refusal",
    "ask_after_restore",
    "ask_withdrawal",
    "build_entry_case",
    "build_holding",
    "build_request",
    "build_unreadable_wait",
    "can_prefetch",
    "can_repeat",
    "can_start_unasked",
    "choose_restore_check",
    "claim",
    "claim_again",
    "compare_outcome",
    "conclude",
    "conclude_look_up",
    "conclude_read_back",
    "count_watch",
    "defer",
    "describe_find",
    "describe_payment",
    "digest_losses",
    "expire",
    "find_digest",
    "find_document_slot",
    "find_following_step",
    "find_matching_key",
    "find_next_step",
    "find_payment_state",
    "find_removed",
    "find_restore_settle_time",
    "find_settle_time",
    "find_slot",
    "find_step",
    "find_wait",
    "find_watched_calls",
    "find_watched_in_generation",
    "find_youngest_document",
    "format_exactly",
    "has_number",
    "has_same_request",
    "import_synced",
    "is_as_sent",
    "is_resting",
    "is_untouched",
    "join_payment_states",
    "judge_read_back",
    "list_keys",
    "list_later_keys",
    "list_payment_remarks",
    "list_read_back",
    "lose",
    "mark_gone",
    "postpone",
    "preview_acceptance",
    "record",
    "record_answer",
    "record_denial",
    "record_late_answer",
    "record_late_find",
    "record_late_outcome",
    "record_late_sighting",
    "record_withdrawal",
    "refuse",
    "refuse_taken_number",
    "reject",
    "release",
    "renew",
    "renew_request",
    "resolve",
    "retrieve",
    "retry",
    "revalidate",
    "send",
    "sight",
    "sight_several",
    "start",
    "sum_payments",
    "unlink",
    "watch",
]
