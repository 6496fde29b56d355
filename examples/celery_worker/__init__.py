"""Workers of the queue as Celery tasks: ``celery -A examples.celery_worker worker --beat``."""

from .tasks import app

__all__ = ["app"]
