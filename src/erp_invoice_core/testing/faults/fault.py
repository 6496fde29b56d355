"""The faults of an ERP that a test can provoke, as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs


class Fault(StrEnum):
    """A fault of an ERP, or of the network between the adapter and the ERP."""

    LOST_BEFORE = "lost_before"  #: The answer is lost, and the ERP never gets the request.
    LOST_AFTER = "lost_after"  #: The ERP carries out the request, and its answer is lost.
    RESET_IN_BODY = "reset_in_body"  #: The connection is reset while the request is sent.
    CLOSED_PORT = "closed_port"  #: The port is closed; every request is concerned until cleared.
    ERROR_BEFORE = "error_before"  #: Status 500, and the ERP never gets the request.
    ERROR_AFTER = "error_after"  #: Status 500, after the ERP carried out the request.
    TOO_MANY = "too_many"  #: Status 429 without Retry-After.
    TOO_MANY_RETRY_AFTER = "too_many_retry_after"  #: Status 429 with Retry-After.
    UNAUTHORIZED = "unauthorized"  #: Status 401.
    BAD_REQUEST = "bad_request"  #: Status 400 with a reason in JSON.
    UNPROCESSABLE = "unprocessable"  #: Status 422 with a reason in JSON.
    CONFLICT = "conflict"  #: Status 409 with a reason in JSON, and nothing was carried out.
    PRECONDITION_FAILED = "precondition_failed"  #: Status 412 with a reason, nothing carried out.
    NOT_FOUND = "not_found"  #: Status 404 with a reason in JSON, and nothing was carried out.
    NOT_FOUND_PAGE = "not_found_page"  #: An HTML page with status 404, as of a wrong address.
    REQUEST_TIMEOUT = "request_timeout"  #: Status 408, after the ERP carried out the request.
    HTML_PAGE = "html_page"  #: An HTML page with status 200 in place of an answer.
    BAD_GATEWAY = "bad_gateway"  #: An HTML page with status 502, after the request was carried out.
    UNAVAILABLE = "unavailable"  #: Status 503, after the ERP carried out the request.
    UNAVAILABLE_RETRY_AFTER = (
        "unavailable_retry_after"  #: 503 with Retry-After, after it was carried out.
    )
    ERROR_WITH_REASON = "error_with_reason"  #: Status 500 in JSON, after it was carried out.
    OTHER_STATUS = "other_status"  #: Another status, which the test names; nothing is carried out.
    CUT_BODY = "cut_body"  #: An answer with fewer bytes than it announces.
    CUT_LIST = "cut_list"  #: An answer whose longest list has lost its second half.
    SLOW = "slow"  #: An answer that arrives after the deadline.
    LATE_WRITE = "late_write"  #: Status 504, and the ERP gets the request afterwards.
    LATE_WRITE_SILENT = "late_write_silent"  #: No answer, and the ERP gets the request afterwards.


class Effect(StrEnum):
    """The effect of a faulty request in the ERP."""

    NEVER = "never"  #: The ERP does not carry out the request.
    ONCE = "once"  #: The ERP carries it out, before the adapter has an answer.
    LATER = "later"  #: The ERP carries it out after the adapter has an answer or has given up.


@attrs.frozen(kw_only=True)
class FaultRow:
    """
    The definition of a fault.

    Attributes:
        effect: The effect of the request in the ERP.
        answer: The answer that the adapter gets over HTTP.
        call: The exception or answer that a call without HTTP gets; empty if such a call cannot
            meet the fault.
        seconds: The seconds for which a request is held at most, or the value of Retry-After,
            unless the test gives others.
    """

    fault: Fault
    effect: Effect
    answer: str
    call: str = ""
    seconds: float = 0.0


def _row(fault: Fault, effect: Effect, seconds: float, answer: str, call: str = "") -> FaultRow:
    return FaultRow(fault=fault, effect=effect, seconds=seconds, answer=answer, call=call)


_NEVER, _ONCE, _LATER = Effect

# fmt: off
#: The definition of each fault.
FAULTS: Final = {row.fault: row for row in (
    #    fault                       effect sec. answer over HTTP             without HTTP
    _row(Fault.LOST_BEFORE,          _NEVER, 0, "a closed connection",                       "ConnectionResetError"),
    _row(Fault.LOST_AFTER,           _ONCE,  0, "a closed connection",                       "ConnectionResetError"),
    _row(Fault.RESET_IN_BODY,        _NEVER, 0, "a reset connection"),
    _row(Fault.CLOSED_PORT,          _NEVER, 0, "a refused connection",                      "ConnectionRefusedError"),
    _row(Fault.ERROR_BEFORE,         _NEVER, 0, "500 with an HTML page",                     "RuntimeError"),
    _row(Fault.ERROR_AFTER,          _ONCE,  0, "500 with an HTML page",                     "RuntimeError"),
    _row(Fault.TOO_MANY,             _NEVER, 0, "429 without Retry-After"),
    _row(Fault.TOO_MANY_RETRY_AFTER, _NEVER, 2, "429 with Retry-After"),
    _row(Fault.UNAUTHORIZED,         _NEVER, 0, "401 with WWW-Authenticate"),
    _row(Fault.BAD_REQUEST,          _NEVER, 0, "400 with a reason in JSON"),
    _row(Fault.UNPROCESSABLE,        _NEVER, 0, "422 with a reason in JSON"),
    _row(Fault.CONFLICT,             _NEVER, 0, "409 with a reason in JSON"),
    _row(Fault.PRECONDITION_FAILED,  _NEVER, 0, "412 with a reason in JSON"),
    _row(Fault.NOT_FOUND,            _NEVER, 0, "404 with a reason in JSON"),
    _row(Fault.NOT_FOUND_PAGE,       _NEVER, 0, "404 with an HTML page"),
    _row(Fault.REQUEST_TIMEOUT,      _ONCE,  0, "408 with an HTML page"),
    _row(Fault.HTML_PAGE,            _NEVER, 0, "200 with an HTML page"),
    _row(Fault.BAD_GATEWAY,          _ONCE,  0, "502 with an HTML page"),
    _row(Fault.UNAVAILABLE,          _ONCE,  0, "503 with an HTML page"),
    _row(Fault.UNAVAILABLE_RETRY_AFTER, _ONCE, 2, "503 in JSON with Retry-After"),
    _row(Fault.ERROR_WITH_REASON,    _ONCE,  0, "500 with a reason in JSON"),
    _row(Fault.OTHER_STATUS,         _NEVER, 0, "the status with an HTML page"),
    _row(Fault.CUT_BODY,             _ONCE,  0, "the first half of the ERP's answer"),
    _row(Fault.CUT_LIST,             _ONCE,  0, "the ERP's answer with half of a list",       "half of a list"),
    _row(Fault.SLOW,                 _ONCE, 60, "the ERP's answer once it is released",      "late"),
    _row(Fault.LATE_WRITE,           _LATER, 60, "504; forwarded once it is released",       "TimeoutError"),
    _row(Fault.LATE_WRITE_SILENT,    _LATER, 60, "no answer; forwarded once it is released"),
)}
# fmt: on


@attrs.frozen
class NotProved:
    """A fault that a transport cannot provoke, and the reason."""

    fault: Fault
    why: str

    def __str__(self) -> str:
        return f"not proved: {self.fault.value}: {self.why}"
