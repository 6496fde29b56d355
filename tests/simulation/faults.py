"""The kinds of faults that a run injects."""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """A kind of fault; every one that happens is counted."""

    CRASH_WORKER = "crash of a worker"  #: It never returns; a worker with a new name follows.
    CRASH_VERB = "crash in a person's verb"  #: The host's process dies; the person comes back.
    STALL = "stalled process"  #: It stops at a switch point and goes on later.
    STALE_HOLDER = "stale holder"  #: The answer comes when the lease is over.
    LOST_REQUEST = "lost request"  #: It never arrives, and there is no answer.
    LOST_REPLY = "lost reply"  #: Carried out without an answer.
    LATE_REPLY = "late reply"  #: Carried out at once, answered much later.
    LATE_EXECUTION = "late execution"  #: Carried out later without an answer.
    HELD = "held request"  #: Carried out later, and answered then.
    DUPLICATED = "duplicated delivery"  #: The network delivers a request twice.
    ERROR_BODY = "error with an id in it"  #: An error whose body shows the id of some document.
    UNREACHABLE = "ERP unreachable"  #: Nothing is sent.
    POISONED = "poisoned invoice"  #: Every request about it ends in an error.
    REFUSED = "refusal"  #: The ERP says no.
    COMMIT_KEPT = "lost commit answer, kept"  #: The commit went through, without an answer.
    COMMIT_DROPPED = "lost commit answer, dropped"  #: It did not, without an answer.
    DISK_FULL = "full disk"  #: Nothing is stored.
    DATABASE_LOST = "lost database connection"  #: Nothing is begun.
    CLOCK_FORWARD = "clock set forward"  #: A machine's clock on the wall.
    CLOCK_BACK = "clock set back"  #: The same.
    SHOWN_LATE = "shown late"  #: The ERP finds a document later than it wrote it.
    EDITED_THERE = "edited in the ERP"  #: A user changes the amount of a document in the ERP.
    RENUMBERED_THERE = "renumbered in the ERP"  #: A user changes its number.
    DELETED_THERE = "deleted in the ERP"  #: A user deletes it.
    TYPED_BY_HAND = "typed by hand"  #: A user types the same bill into the ERP.
    SAME_NUMBER = "one number twice"  #: Two invoices of a vendor have one number.
    BLANK_NUMBER = "blank number"  #: An invoice has none.
    POLICY_SWAPPED = "policy swapped"  #: The company changes its policy during the run.
    ADAPTER_SWAPPED = "adapter swapped"  #: The adapter declares less than before.
    ADAPTER_GONE = "adapter gone"  #: It is uninstalled, and does not come back.
    RESTORED = "database restored"  #: The database goes back to a backup; the ERP does not.
    UNREADABLE = "row that cannot be read"  #: Its bytes are put back later.
    FACTS_ODD = "host's facts are nonsense"  #: A number, nothing, another invoice's facts.
    HOST_DOWN = "host's facts down"  #: The host's port fails.
    LIE_LATE = "lie: later than declared"  #: A request is carried out after it should be dead.
    LIE_KEY = "lie: key forgotten"  #: A key that should be enforced makes a second document.
    LIE_HIDDEN = "lie: hidden longer than declared"  #: A document is found later than declared.


#: The faults that end a process.
CRASHES = (Fault.CRASH_WORKER, Fault.CRASH_VERB)
