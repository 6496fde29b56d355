"""The shell of workers: claim, call the adapter, record."""

from .worker import Worker

__all__ = ["Worker"]
