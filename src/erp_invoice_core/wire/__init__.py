"""Converters between values of this package and outside formats."""
