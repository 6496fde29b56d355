"""The adapters of the fake ERP over HTTP, one per row of promises."""

from __future__ import annotations

import http.client
import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from ... import adapters as erp
from .ledger import Enforces, ErpDocument, Refusal, build_outcome
from .promises import PROMISES, Promise, Row
from .quirk_set import PLAIN, QuirkSet, find_posted, list_absent_hooks

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIME_LIMIT = 30.0
#: The outcome of an answer without the id of the new bill.
_WITHOUT_ID = erp.Unknown("The answer has no id.")
#: How often a request that reads is sent before a rate limit is reported.
_TRIES = 3


class NotSent(Exception):
    """Nothing of the request was sent."""


class AnswerLost(Exception):
    """The request was sent, perhaps in part, and there is no answer."""


class TooMany(Exception):
    """The ERP did not carry the request out, because it gets too many of them."""

    def __init__(self, seconds: float) -> None:
        """Store the number of seconds after which the request may be sent again."""
        super().__init__(f"The ERP gets too many requests. It asks for {seconds:g} seconds.")
        self.seconds = seconds


class WrongToken(Exception):
    """The ERP did not carry the request out, because it does not know the token."""


@attrs.frozen
class ErpUrl:
    """
    The URL of a fake; each request has a connection of its own.

    Attributes:
        patience: Seconds after which a request is given up.
    """

    url: str
    patience: float = _TIME_LIMIT

    def ask(
        self, kind: str, asked: Mapping[str, Any], *, until: datetime | None = None
    ) -> dict[str, Any]:
        """
        Send a request to the fake, and return the fields of its answer.

        Args:
            kind: The kind of request: ``create``, ``find``, …
            asked: The fields of the request.
            until: The latest time to send the request (UTC).

        Raises:
            NotSent: There is no connection, or *until* has passed.
            AnswerLost: The request was sent, perhaps in part, and there is no answer.
            TooMany: The request was not carried out, because of a rate limit.
            WrongToken: The request was not carried out, because of the token.
        """
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.netloc, timeout=self.patience)
        try:
            self._connect(connection, until)
            sent = {**asked, "caller": os.getpid(), "sent_at": time.monotonic()}
            return self._receive(connection, kind, json.dumps(sent).encode())
        finally:
            connection.close()

    def _connect(self, connection: http.client.HTTPConnection, until: datetime | None) -> None:
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(str(error)) from error
        if until is not None and datetime.now(UTC) > until:
            msg = "The deadline has passed."
            raise NotSent(msg)

    def _receive(
        self, connection: http.client.HTTPConnection, kind: str, body: bytes
    ) -> dict[str, Any]:
        try:
            connection.request("POST", f"/{kind}", body)
            answer = connection.getresponse()
            text = answer.read()
            fields: dict[str, Any] = json.loads(text) if answer.status == HTTPStatus.OK else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise AnswerLost(str(error)) from error
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TooMany(float(answer.getheader("Retry-After", "1")))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise WrongToken("The ERP does not know the token. Correct it.")
        if answer.status != HTTPStatus.OK:
            raise AnswerLost(f"The ERP answered with status {answer.status}.")
        return fields

    def read(self, kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request that reads; after a rate limit it is sent again."""
        for _ in range(_TRIES - 1):
            try:
                return self.ask(kind, asked)
            except TooMany as limit:
                time.sleep(min(limit.seconds, self.patience))
        return self.ask(kind, asked)

    def list_bills(self, asked: Mapping[str, Any]) -> list[ErpDocument]:
        """Return the bills of every page of a look-up."""
        bills: list[ErpDocument] = []
        page: int | None = 1
        while page is not None:
            answer = self.read("find", {**asked, "page": page})
            bills += [ErpDocument(**bill) for bill in answer["bills"]]
            page = answer["next"]
        return bills


def _read_period(row: Mapping[str, Any]) -> erp.AccountingPeriod:
    first_day, last_day = (
        None if row[name] is None else date.fromisoformat(row[name])
        for name in ("first_day", "last_day")
    )
    return erp.AccountingPeriod(
        name=row["name"], first_day=first_day, last_day=last_day, is_open=row["is_open"]
    )


@attrs.define(kw_only=True, eq=False)
class ErpOverHttp:
    """
    The plugin of the fake ERP over HTTP, never for real invoices.

    Attributes:
        key: The key of the adapter.
        promise: The row of the promise table that it declares; the server may follow another.
        quirks: The quirks that it declares; the server may have other ones.
        time_limit: The time after which a request is given up; declared as the time limit of calls.
    """

    key: str = "http_fake"
    promise: Promise = PROMISES[Row.BOUNDLESS]
    quirks: QuirkSet = PLAIN
    time_limit: timedelta = timedelta(seconds=5)

    def __dir__(self) -> list[str]:
        """Return the names in which pluggy looks for hooks, without those that a quirk removes."""
        left_out = list_absent_hooks(self.quirks)
        return [name for name in super().__dir__() if name not in left_out]

    def terms(self) -> erp.StepTerms:
        """Return the row of the promise table as terms of a declaration."""
        settles = self.promise.settles
        rules = self.promise.rules
        return erp.StepTerms(
            look_up=rules.look_up,
            visible_after=timedelta(seconds=self.promise.visible),
            settles_within=None if settles is None else timedelta(seconds=settles),
            replay=rules.replay,
            enforces_key=rules.enforces is not Enforces.NOTHING,
            time_limit=self.time_limit,
        )

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration that follows from the promise and the quirks."""
        terms = self.terms()
        plain = erp.Declaration(
            key=self.key,
            name=f"Fake ERP in a process of its own ({self.key})",
            features=dict.fromkeys(erp.Feature, erp.Support.FULL),
            prerequisites=frozenset(),
            terms={"create": terms, "post": terms},
            zero=erp.Handling.EXPORTED,
            negative=erp.Handling.EXPORTED,
            release_only=erp.Handling.EXPORTED,
            retainage=erp.RetainageForm.NATIVE,
            withdraw=erp.WithdrawForm.FULL,
            unlink=erp.UnlinkForm.DELETE_FIRST,
            landing=erp.LandingState.POSTED,
            settings=(erp.Setting(name="base_url", required=True),),
        )
        return self.quirks.declare(plain)

    @erp.hookimpl
    def erp_steps(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Return the steps that create each document, then the steps that post them, if any."""
        return self.quirks.plan(request, self.erp_declaration())

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> erp.Verdict:
        """Refuse what the declaration does not have, such as tax without the quirk for it."""
        return erp.find_undeclared(request, self.erp_declaration())

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> ErpUrl:
        """Return the URL of the fake; each request opens a connection of its own."""
        return ErpUrl(str(settings["base_url"]), self.time_limit.total_seconds())

    @erp.hookimpl
    def erp_write(
        self,
        session: ErpUrl,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        """Carry out the step, which creates a document or posts one."""
        content = self.quirks.build_content(request, step)
        on = find_posted(step, receipts)
        asked = {"key": content.key, "id": on, "content": attrs.asdict(content)}
        outcome = self._write(session, step, step.kind, asked, request.deadline)
        return self._find_made(session, request, step) if outcome is _WITHOUT_ID else outcome

    def _find_made(
        self, session: ErpUrl, request: erp.ExportRequest, step: erp.Step
    ) -> erp.Outcome:
        """Return the outcome of a step whose answer has no id, by looking its document up."""
        found = self.erp_find(session, request, step, (request.key(step).text,))
        if isinstance(found, erp.Found):
            return erp.Done(found.receipt)
        return _WITHOUT_ID

    def _write(
        self,
        session: ErpUrl,
        step: erp.Step,
        kind: str,
        asked: Mapping[str, Any],
        until: datetime | None = None,
    ) -> erp.Outcome:
        try:
            answer = session.ask(kind, asked, until=until)
        except NotSent as why:
            return erp.Deferred(None, f"Nothing was sent: {why}")
        except TooMany as why:
            return erp.Deferred(datetime.now(UTC) + timedelta(seconds=why.seconds), str(why))
        except WrongToken as why:
            return erp.Deferred(None, str(why), needs_person=True)
        except AnswerLost as why:
            return erp.Unknown(f"The answer was lost: {why}")
        refused = answer.get("refused")
        result = Refusal(refused) if refused else ErpDocument(**answer["bill"])
        if isinstance(result, ErpDocument) and not result.id:
            return _WITHOUT_ID
        return build_outcome(self.key, step, result)

    @erp.hookimpl
    def erp_find(
        self, session: ErpUrl, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Look the step up, by key or by vendor and number, as the rules of the server say."""
        asked_at = datetime.now(UTC)
        query = self.quirks.build_query(request, step)
        asked = {"step": step.kind, "keys": list(keys), "content": attrs.asdict(query)}
        bills = self.quirks.choose_found(session.list_bills(asked), query)
        if len(bills) > 1:
            return erp.Several(f"The fake has {len(bills)} bills that match this look-up.")
        if not bills:
            return erp.Absent(asked_at)
        return erp.Found(bills[0].build_receipt(step), self._build_contents(bills[0]))

    @erp.hookimpl
    def erp_read(self, session: ErpUrl, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read a bill by its id."""
        asked_at = datetime.now(UTC)
        bills = session.read("read", {"id": receipt.erp_id})["bills"]
        return self._build_contents(ErpDocument(**bills[0])) if bills else erp.Gone(asked_at)

    def _build_contents(self, bill: ErpDocument) -> erp.Contents:
        shown = self.quirks.show(bill)
        rules = self.quirks.build_rules(self.promise.rules)
        return shown.build_contents(with_key=rules.look_up is erp.LookUp.KEY)

    @erp.hookimpl
    def erp_payments(self, session: ErpUrl, receipt: erp.Receipt) -> tuple[erp.ErpPayment, ...]:
        """Return the payments of a bill, also of a removed one."""
        bills = session.read("payments", {"id": receipt.erp_id})["bills"]
        return ErpDocument(**bills[0]).build_payments() if bills else ()

    @erp.hookimpl
    def erp_periods(self, session: ErpUrl) -> tuple[erp.AccountingPeriod, ...]:
        """Return the accounting periods that the server has."""
        return tuple(map(_read_period, session.read("periods", {})["periods"]))

    @erp.hookimpl
    def erp_withdraw(self, session: ErpUrl, receipt: erp.Receipt) -> erp.Outcome:
        """Remove a bill, drafted or posted."""
        step = erp.Step(receipt.step, receipt.step, receipt.role)
        outcome = self._write(session, step, "withdraw", {"id": receipt.erp_id})
        return erp.Done(receipt) if isinstance(outcome, erp.Done) else outcome


#: For entry points: ``erp_invoice_core.testing.fake_erp:KEYED`` and its like.
KEYED = ErpOverHttp(key="keyed_fake", promise=PROMISES[Row.KEYED])


NUMBERED = ErpOverHttp(key="numbered_fake", promise=PROMISES[Row.NUMBERED])


SETTLING = ErpOverHttp(key="settling_fake", promise=PROMISES[Row.SETTLING])


BOUNDLESS = ErpOverHttp(key="boundless_fake", promise=PROMISES[Row.BOUNDLESS])


PLUGINS = {
    Row.KEYED: KEYED,
    Row.NUMBERED: NUMBERED,
    Row.SETTLING: SETTLING,
    Row.BOUNDLESS: BOUNDLESS,
}
