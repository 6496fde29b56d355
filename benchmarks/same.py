"""
The rows that a program without this library would store for the same promises.

The entry is a dict, written as JSON; its document is stored once, by its SHA-256; each event has
the digest of the entry's body, and is chained to the event before it. There are no rules, no
reasons and no adapters. A loop over a database makes the minimum of our store.
"""

from __future__ import annotations

import hashlib
import json
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from .samples import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    Encode: TypeAlias = Callable[[object], bytes]

AT = NOON.isoformat()
HOLDER = "h" * 40


def write_text(value: object) -> str:
    """Return an amount, a day or a word of a closed set as text."""
    return str(getattr(value, "value", value))


def encode_plainly(value: object) -> bytes:
    """Return JSON by the standard library, with sorted keys."""
    return json.dumps(value, default=write_text, separators=(",", ":"), sort_keys=True).encode()


def has_fast_extra() -> bool:
    """Return whether msgspec is installed."""
    return find_spec("msgspec") is not None


def find_fast_encoder() -> Encode | None:
    """Return the encoder of msgspec, or ``None`` if it is not installed."""
    if not has_fast_extra():
        return None
    encode: Encode = import_module("msgspec.json").Encoder(order="sorted").encode
    return encode


def compute_sha(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def build_slot(invoice: dict[str, Any]) -> str:
    """Return the number slot of an invoice."""
    number = invoice["invoice_number"]
    return f"3:erp6:V-ACME{len(number)}:{number}"


@attrs.define
class Record:
    """
    An entry, the digest of its last event, and what is to be stored of its last moves.

    Attributes:
        entry: The entry without its document.
        head: The digest of its last event, empty before the first.
        body: The entry as JSON, as the last event has its digest.
        events: Number, bytes and digest of each event that is not stored yet.
    """

    encode: Encode
    entry: dict[str, Any]
    head: str = ""
    body: bytes = b""
    events: list[tuple[str, int, bytes, str]] = attrs.Factory(list)

    @property
    def id(self) -> str:
        """The id of the invoice."""
        return str(self.entry["id"])

    def move(self, action: str, status: str, actor: str, facts: dict[str, str]) -> None:
        """Give the entry its next status, and add the event."""
        entry = self.entry
        before, entry["status"] = entry["status"], status
        entry["version"] += 1
        entry["seq"] += 1
        self.body = self.encode(entry)
        event = self.encode(
            {
                "entry_id": entry["id"],
                "seq": entry["seq"],
                "at": AT,
                "actor": actor,
                "action": action,
                "before": before,
                "after": status,
                "version": entry["version"],
                "denials": [],
                "notices": [],
                "facts": facts,
                "entry_sha256": compute_sha(self.body),
            }
        )
        self.head = compute_sha(self.head.encode() + b"\n" + event)
        self.events.append((entry["id"], entry["seq"], event, self.head))

    def accept(self) -> None:
        """Accept what was sent."""
        digest = self.entry["digest"]
        self.entry["acceptance"] = {
            "by": "ap",
            "at": AT,
            "digest": digest,
            "declaration": "0" * 64,
            "losses": "0" * 64,
            "fields": {},
            "attachments": [],
            "direct": False,
        }
        self.entry["due_at"] = AT
        self.move("accept", "accepted", "ap", {})

    def claim(self) -> None:
        """Lease it to the worker."""
        entry = self.entry
        entry["fencing"] += 1
        entry["lease"] = {"holder": HOLDER, "fencing": entry["fencing"], "until": AT}
        entry["due_at"] = None
        facts = {"holder": HOLDER, "fencing": str(entry["fencing"])}
        self.move("claim", "exporting", "worker", facts)

    def start(self, slot: str) -> None:
        """Note the call before it is made."""
        entry = self.entry
        key = {"entry_id": entry["id"], "generation": 1, "attempt": 1, "step": "bill"}
        entry["calls"].append(
            {
                "key": key,
                "kind": "write",
                "step_kind": "bill",
                "digest": entry["digest"],
                "fencing": entry["fencing"],
                "started_at": AT,
                "lease_until": AT,
            }
        )
        entry["plan"] = [{"name": "bill", "kind": "bill", "role": "bill"}]
        entry["slot"] = slot
        self.move("start", "exporting", "worker", self._describe() | {"call": "write"})

    def record(self) -> str:
        """Note the receipt of the call; return the id in the ERP."""
        entry = self.entry
        erp_id = f"B-{entry['id']}"
        call = entry["calls"][-1]
        call["answer"] = "receipt"
        receipt = {
            "step": "bill",
            "erp_id": erp_id,
            "role": "bill",
            "state": "posted",
            "digest": entry["digest"],
        }
        entry["holdings"].append({"key": call["key"], "gone": False, "receipt": receipt})
        entry["lease"] = None
        facts = self._describe() | {"erp_id": erp_id, "state": "posted"}
        self.move("record", "synced", "worker", facts)
        return erp_id

    def _describe(self) -> dict[str, str]:
        return {"key": f"{self.entry['id']}/1/1/bill", "step": "bill"}

    def take_events(self) -> list[tuple[str, int, bytes, str]]:
        """Return the events that are to be stored, once."""
        events, self.events = self.events, []
        return events


def send(invoice: dict[str, Any], encode: Encode) -> tuple[Record, bytes]:
    """Return the sent entry of an invoice, and its document as JSON."""
    document = encode(invoice)
    digest = compute_sha(document)
    entry = {
        "id": invoice["invoice_id"],
        "status": "not_sent",
        "version": 0,
        "seq": 0,
        "generation": 1,
        "attempt": 1,
        "connection": "erp",
        "digest": digest,
        "document_sha256": digest,
        "sent_by": "pm",
        "plan": [],
        "calls": [],
        "holdings": [],
        "fencing": 0,
        "deferrals": 0,
        "lost_claims": 0,
        "lookups": 0,
        "withdrawing": False,
        "refusal": [],
    }
    record = Record(encode, entry)
    record.move("send", "ready", "pm", {"connection": "erp", "digest": digest})
    return record, document
