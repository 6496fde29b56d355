"""What the app adds to Django's command line."""
