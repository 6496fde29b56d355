"""A host on Python's own sqlite3: its bills and the queue are in one file."""
