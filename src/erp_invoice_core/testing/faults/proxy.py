"""
A loopback proxy between an adapter and its ERP, which provokes faults.

An adapter with a setting ``base_url`` gets the URL of the proxy instead of the ERP's. The adapter
speaks plain HTTP to 127.0.0.1; the proxy speaks HTTP or HTTPS to the ERP and verifies its
certificate. It runs in threads of the test process, forwards each request over a connection of its
own, and never sends a request twice.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from .fault import Fault
from .json_list import shorten_longest_list
from .links import Origin, build_rewriters
from .listener import Listener
from .plan import FaultPlan
from .proxy_handler import ProxyHandler
from .upstream import Upstream

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable
    from types import TracebackType

_TIME_LIMIT: Final = 60.0


class FaultProxy:
    """
    The proxy of one ERP; use it as a context manager.

    A request that meets no fault is forwarded with its body and its headers, except for the headers
    that concern one connection only. Links to the ERP in answers lead to the proxy; a link to
    another host leads the adapter past it. The log has no header, no query and no body.

    Args:
        upstream: The URL of the ERP, with the path that ``base_url`` has.
        context: The TLS context for an ERP with a certificate of its own; without it, the
            authorities of the system are trusted.
        shorten: Shortens the list in the body of an answer, for :attr:`Fault.CUT_LIST`.
        patience: Seconds after which the proxy gives up waiting for the ERP or the adapter.

    Attributes:
        url: The URL of the proxy, with the path of the upstream.
        faults: The plan of the faults, and the log of the requests.

    Raises:
        ValueError: The upstream is not an HTTP URL, or it holds a user or a password.
    """

    def __init__(
        self,
        upstream: str,
        *,
        context: ssl.SSLContext | None = None,
        shorten: Callable[[bytes], bytes] = shorten_longest_list,
        patience: float = _TIME_LIMIT,
    ) -> None:
        erp = Origin.parse(upstream)
        self.faults = FaultPlan(on_change=self._open_or_close)
        self._switching = threading.Lock()
        self._listener = Listener(self._serve)
        proxy = Origin("http", *self._listener.address)
        self.url = proxy.url + urlsplit(upstream).path
        requests, answers = build_rewriters(erp, proxy)
        self._upstream = Upstream(
            erp=erp,
            context=context,
            patience=patience,
            requests=requests,
            answers=answers,
            shorten=shorten,
        )

    def __repr__(self) -> str:
        return f"<FaultProxy {self.url} of {self._upstream.erp.url}>"

    def __enter__(self) -> Self:
        self._listener.open()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.faults.clear()
        self._listener.end()

    def _serve(self, client: socket.socket, address: object) -> None:
        ProxyHandler(client, address, self._upstream, self.faults)

    def _open_or_close(self) -> None:
        with self._switching:
            if self.faults.has(Fault.CLOSED_PORT):
                self._listener.close()
            else:
                self._listener.open()
