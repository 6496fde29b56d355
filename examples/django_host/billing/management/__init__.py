"""The commands that the app adds to Django's command line."""
