"""The checks of an adapter against its own declaration, and their report."""
