"""The migrations of the app's tables."""
