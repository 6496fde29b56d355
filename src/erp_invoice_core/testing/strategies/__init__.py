"""Hypothesis strategies for every type, and for allowed and changed cases."""

from __future__ import annotations

from .cases import ChangedCase, allowed_cases, changed_cases
from .declarations import declarations, permissive_declarations
from .documents import actors, attachments, commitments, holds, projects, vendors
from .dossiers import DOSSIER_CHANGES, Dossier, allowed_dossiers, changed_dossiers, dossiers
from .invoices import invoice_sequences, invoices, items
from .queue import calls, denials, entries, events, export_documents, holdings, receipts, steps
from .words import amounts, currencies, days, ids, moments, names, percents

__all__ = [
    "DOSSIER_CHANGES",
    "ChangedCase",
    "Dossier",
    "actors",
    "allowed_cases",
    "allowed_dossiers",
    "amounts",
    "attachments",
    "calls",
    "changed_cases",
    "changed_dossiers",
    "commitments",
    "currencies",
    "days",
    "declarations",
    "denials",
    "dossiers",
    "entries",
    "events",
    "export_documents",
    "holdings",
    "holds",
    "ids",
    "invoice_sequences",
    "invoices",
    "items",
    "moments",
    "names",
    "percents",
    "permissive_declarations",
    "projects",
    "receipts",
    "steps",
    "vendors",
]
