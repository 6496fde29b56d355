"""A Tryton of one's own, for tests and the demo."""
