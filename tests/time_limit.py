"""The bound of every wait for a process of its own."""

from __future__ import annotations

#: A process that has not ended after this number of seconds hangs; to start one takes a minute on a
#: busy machine.
TIME_LIMIT = 300.0
