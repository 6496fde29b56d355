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
from tests.worker.harness import APPROVER, Office, ok
from tests.worker.odd_values import bent
from tests.worker.scripted_erp import Scripted, contents, declaration, receipt

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


def raised(text: str) -> Callable[[], object]:
    """Return an answer that raises an error with that text."""

    def act() -> object:
        raise RuntimeError(text)

    return act


def reason(text: str, **more: Any) -> erp.Verdict:  # noqa: ANN401 - its fields
    """Return a verdict with the text in a message and in a fact."""
    facts = {"said": text, text: "named"}
    return erp.deny(erp.Denial("scripted.no", f"No: {text}", erp.Source.ERP, facts, **more))


def planted(text: str) -> Iterator[tuple[str, object]]:
    """Yield hook and answer for every text field that an answer has."""
    yield "connect", raised(text)
    yield "connect", erp.Deferred(None, text)
    yield "steps", raised(text)
    yield "steps", (erp.Step(text, "bill", erp.Role.BILL),)
    yield "steps", (erp.Step("bill", text, erp.Role.BILL),)
    yield "check", raised(text)
    yield "check", reason(text)
    yield "check", erp.Deferred(None, text)
    yield "check", erp.Verdict((), (erp.Notice("scripted.n", text, erp.Source.ERP, {"x": text}),))
    yield "find", raised(text)
    yield "find", erp.CannotTell(text)
    yield "find", erp.Several(text)
    for field in ("erp_id", "number", "state", "digest"):
        yield "find", erp.Found(bent(receipt(), **{field: text}), contents())
        yield "write", erp.Done(bent(receipt(), **{field: text}))
        yield "withdraw", erp.Done(bent(receipt(), **{field: text}))
    for field in ("vendor", "number", "key", "digest"):
        yield "find", erp.Found(receipt(), contents(**{"key": None, field: text}))
        yield "read", contents(**{"key": None, field: text})
    yield "write", raised(text)
    yield "write", erp.Refused(reason(text))
    yield "write", erp.Deferred(None, text)
    yield "write", erp.Unknown(text)
    yield "read", raised(text)
    yield "withdraw", raised(text)
    yield "withdraw", erp.Refused(reason(text))
    yield "withdraw", erp.Unknown(text)


def worked(office: Office, plugin: Scripted, hook: str, answer: object) -> None:
    """Export an invoice for which one hook answers so."""
    if hook in {"withdraw", "read"}:
        plugin.answer("write", None, erp.Refused(reason("No.")))
        plugin.answers["write"][0] = erp.Done(receipt())
        if hook == "read":
            plugin.answer("withdraw", erp.Unknown("lost"))
    plugin.answer(hook, answer)
    office.worker = office.hired("worker")
    office.worker.run_until_idle()
    if office.status() is ExportStatus.FAILED and office.entry().is_left:
        ok(office.queue.withdraw(["5000"], APPROVER))
    for _ in range(4):
        office.worker.run_once()
        office.clock.advance(4000)


@pytest.mark.parametrize("form", FORMS)
def test_no_secret_is_kept(form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A secret in every text of every hook's answer is in no database, log or history."""
    answers = list(planted(FORMS[form]))
    for place, (hook, answer) in enumerate(answers):
        steps = (erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post"))
        plugin = Scripted(declaration(settings=(TOKEN,)), *steps)
        store = SqliteStore(tmp_path / f"{place}.db")
        office = Office(plugin=plugin, store=store)
        bound = Connection("erp", "scripted", {"token": erp.Secret(SECRET)})
        office.queue = ExportQueue(
            store, Connections(Adapters(plugin), [bound]), office.host, clock=office.clock
        )
        office.accept("5000")
        worked(office, plugin, hook, answer)
        office.check()
        for known in FORMS.values():
            assert known not in repr(office.queue.history("5000"))
            assert known not in repr(office.entry())
        store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for known in FORMS.values():
        assert known.encode() not in kept
        assert known not in caplog.text
    assert 40 == len(answers)
