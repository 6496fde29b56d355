"""The verbs of the command ``erp-invoice``."""
