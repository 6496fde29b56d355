"""The project's settings; ``HOST_DATABASE`` names a file, or a PostgreSQL server's DSN."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("HOST_FOLDER", "build/django_host"))
FOLDER.mkdir(parents=True, exist_ok=True)


def database(where: str) -> dict[str, Any]:
    """Return Django's settings for a database."""
    if not where.startswith("postgresql://"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": where,
            "OPTIONS": {
                # The write lock from the start: no other process writes between read and write.
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA synchronous = FULL",
            },
            # The queue cannot share a database in memory, which Django's tests would take.
            "TEST": {"NAME": f"{where}.test"},
        }
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - SQLite needs no psycopg

    options = conninfo_to_dict(where)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname"),
        "OPTIONS": options,
    }


DATABASES = {"default": database(os.environ.get("HOST_DATABASE", str(FOLDER / "app.db")))}
# As in many projects, a request is a transaction. See ``billing/views.py``.
DATABASES["default"]["ATOMIC_REQUESTS"] = True

BOOKS = str(FOLDER / "books.beancount")

DEBUG = False
SECRET_KEY = os.environ.get("HOST_SECRET_KEY", "for trials only")
ALLOWED_HOSTS = ["localhost", "testserver"]
INSTALLED_APPS = ["examples.django_host.billing"]
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
ROOT_URLCONF = "examples.django_host.urls"
USE_TZ = True
