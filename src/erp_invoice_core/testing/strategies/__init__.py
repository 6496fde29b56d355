"""Hypothesis strategies for every type, for lawful cases and for cases with one fact bent."""

from __future__ import annotations

from .bent import ChangedCase, bent_cases
from .cases import lawful_cases
from .declarations import declarations, willing_declarations
from .documents import actors, attachments, commitments, holds, projects, vendors
from .dossiers import DOSSIER_BENDS, Dossier, bent_dossiers, dossiers, lawful_dossiers
from .invoices import invoice_sequences, invoices, items
from .queue import calls, denials, entries, events, export_documents, holdings, receipts, steps
from .words import amounts, currencies, days, ids, moments, names, percents

__all__ = [
    "DOSSIER_BENDS",
    "ChangedCase",
    "Dossier",
    "actors",
    "amounts",
    "attachments",
    "bent_cases",
    "bent_dossiers",
    "calls",
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
    "lawful_cases",
    "lawful_dossiers",
    "moments",
    "names",
    "percents",
    "projects",
    "receipts",
    "steps",
    "vendors",
    "willing_declarations",
]
