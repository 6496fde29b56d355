"""The rate limiter spaces calls."""

from __future__ import annotations

import attrs

from erp_invoice_core.adapters.rate_limiter import RateLimiter


@attrs.define
class Watch:
    """Seconds that grow only when the test advances them."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds


def test_a_rate_spaces_calls() -> None:
    """With six calls a minute the next one is ten seconds away; after two at once, twenty."""
    watch = Watch()
    made = RateLimiter(6, watch)
    assert 0.0 == made.find_wait()
    made.count_call()
    assert 10.0 == made.find_wait()
    made.count_call()
    assert 20.0 == made.find_wait()
    watch.seconds = 20.0

    assert 0.0 == made.find_wait()


def test_without_a_rate_calls_follow_at_once() -> None:
    """Without a rate, a call may follow at once."""
    made = RateLimiter(None, Watch())
    made.count_call()
    assert 0.0 == made.find_wait()
