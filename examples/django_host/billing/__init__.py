"""The app of the bills."""
