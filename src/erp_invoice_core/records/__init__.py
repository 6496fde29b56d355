"""Loaded Procore records: the reference host of the ``erp-invoice`` command."""
