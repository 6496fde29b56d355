"""The generated parts of the docs: one module per subject, text out of code."""
