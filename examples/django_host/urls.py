"""The project's addresses."""

from __future__ import annotations

from django.urls import path

from .billing.views import send_bills

urlpatterns = [path("bills/send", send_bills)]
