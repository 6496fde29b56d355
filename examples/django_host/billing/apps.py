"""The app, by its name."""

from __future__ import annotations

from django.apps import AppConfig


class Billing(AppConfig):
    """Bills and their export to the ERP."""

    name = "examples.django_host.billing"
