"""To and from plain data: one package or module per outside format."""
