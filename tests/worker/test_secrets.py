"""A secret in any text of any answer reaches no database, no log, no history."""

from __future__ import annotations

import base64
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import (
    Adapters,
    Connection,
    Connections,
    ExportQueue,
    ExportStatus,
    SqliteStore,
)
from erp_invoice_core import adapters as erp
from tests.long_runs import keep_rows
from tests.worker.harness import APPROVER, WorkerHarness, check_allowed
from tests.worker.odd_values import replace_fields
from tests.worker.scripted_erp import ScriptedErp, build_contents, build_declaration, build_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = "tok/12345+678"
TOKEN = erp.Setting(name="token", kind=erp.SettingKind.SECRET)
FORMS = {
    "plain": SECRET,
    "percent": urllib.parse.quote(SECRET, safe=""),
    "lower": urllib.parse.quote(SECRET, safe="").replace("%2F", "%2f"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "offset 1": base64.b64encode(f"u{SECRET}".encode()).decode(),
    "offset 2": base64.b64encode(f"us{SECRET}".encode()).decode(),
    "urlsafe": base64.urlsafe_b64encode(f"user:{SECRET}?~".encode()).decode(),
    "basic": base64.b64encode(f"controller:{SECRET}".encode()).decode(),
}


def build_raise(text: str) -> Callable[[], object]:
    """Return an answer that raises an error with that text."""

    def act() -> object:
        raise RuntimeError(text)

    return act


def build_verdict(text: str, **more: Any) -> erp.Verdict:  # noqa: ANN401 - its fields
    """Return a verdict with the text in a message and in a fact."""
    facts = {"said": text, text: "named"}
    return erp.deny(erp.Denial("scripted.no", f"No: {text}", erp.Source.ERP, facts, **more))


def list_planted_answers(text: str) -> Iterator[tuple[str, object]]:
    """Yield hook and answer for every text field that an answer has."""
    yield "connect", build_raise(text)
    yield "connect", erp.Deferred(None, text)
    yield "steps", build_raise(text)
    yield "steps", (erp.Step(text, "bill", erp.Role.BILL),)
    yield "steps", (erp.Step("bill", text, erp.Role.BILL),)
    yield "check", build_raise(text)
    yield "check", build_verdict(text)
    yield "check", erp.Deferred(None, text)
    yield "check", erp.Verdict((), (erp.Notice("scripted.n", text, erp.Source.ERP, {"x": text}),))
    yield "find", build_raise(text)
    yield "find", erp.CannotTell(text)
    yield "find", erp.Several(text)
    for field in ("erp_id", "number", "state", "digest"):
        yield "find", erp.Found(replace_fields(build_receipt(), **{field: text}), build_contents())
        yield "write", erp.Done(replace_fields(build_receipt(), **{field: text}))
        yield "withdraw", erp.Done(replace_fields(build_receipt(), **{field: text}))
    for field in ("vendor", "number", "key", "digest"):
        yield "find", erp.Found(build_receipt(), build_contents(**{"key": None, field: text}))
        yield "read", build_contents(**{"key": None, field: text})
    yield "write", build_raise(text)
    yield "write", erp.Refused(build_verdict(text))
    yield "write", erp.Deferred(None, text)
    yield "write", erp.Unknown(text)
    yield "read", build_raise(text)
    yield "withdraw", build_raise(text)
    yield "withdraw", erp.Refused(build_verdict(text))
    yield "withdraw", erp.Unknown(text)


def export_with(harness: WorkerHarness, plugin: ScriptedErp, hook: str, answer: object) -> None:
    """Export an invoice for which one hook answers so."""
    if hook in {"withdraw", "read"}:
        plugin.script("write", None, erp.Refused(build_verdict("No.")))
        plugin.answers["write"][0] = erp.Done(build_receipt())
        if hook == "read":
            plugin.script("withdraw", erp.Unknown("lost"))
    plugin.script(hook, answer)
    harness.worker = harness.build_worker("worker")
    harness.worker.run_until_idle()
    if harness.get_status() is ExportStatus.FAILED and harness.get_entry().is_left:
        check_allowed(harness.queue.withdraw(["5000"], APPROVER))
    for _ in range(4):
        harness.worker.run_once()
        harness.clock.advance(4000)


@pytest.mark.parametrize("form", keep_rows(FORMS, ["plain", "offset 1"]))
def test_no_secret_is_kept(form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A secret in every text of every hook's answer is in no database, log or history."""
    answers = list(list_planted_answers(FORMS[form]))
    for place, (hook, answer) in enumerate(answers):
        steps = (erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post"))
        plugin = ScriptedErp(build_declaration(settings=(TOKEN,)), *steps)
        store = SqliteStore(tmp_path / f"{place}.db")
        harness = WorkerHarness(plugin=plugin, store=store)
        bound = Connection("erp", "scripted", {"token": erp.Secret(SECRET)})
        harness.queue = ExportQueue(
            store, Connections(Adapters(plugin), [bound]), harness.host, clock=harness.clock
        )
        harness.accept("5000")
        export_with(harness, plugin, hook, answer)
        harness.check_audit_log()
        for known in FORMS.values():
            assert known not in repr(harness.queue.history("5000"))
            assert known not in repr(harness.get_entry())
        store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for known in FORMS.values():
        assert known.encode() not in kept
        assert known not in caplog.text
    assert 40 == len(answers)
